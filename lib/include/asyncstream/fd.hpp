// SPDX-License-Identifier: Apache-2.0
//
// Sources and sinks over POSIX file descriptors: files, pipes, sockets, terminals.
//
//   auto stream = asyncstream::AsyncStream::from_reader(
//       1 << 20, std::make_unique<asyncstream::FdSource>(STDIN_FILENO));
#pragma once

#include <filesystem>
#include <memory>

#include "asyncstream/io.hpp"

namespace asyncstream {

/// Whether the object closes the descriptor when it is destroyed.
enum class Ownership { borrowed, owned };

/// Reads from a descriptor. A read that waits for a pipe, socket or terminal ends at once when stop
/// is requested (errc::cancelled). Blocking and non-blocking descriptors both work. Errors are
/// those of the system. Thread-bound.
class FdSource : public Source {
 public:
  /// Reads from `fd`, from its current position on.
  explicit FdSource(int fd, Ownership ownership = Ownership::borrowed);
  ~FdSource() override;
  FdSource(const FdSource&) = delete;
  FdSource& operator=(const FdSource&) = delete;
  IoResult read(std::span<std::byte> into, std::stop_token stop) override;

 private:
  std::error_code wait_readable(const std::stop_token& stop);

  int fd_;
  Ownership ownership_;
  bool waits_;        // not a regular file: a read may have to wait
  int wake_up_ = -1;  // eventfd, written when stop is requested
};

/// Opens a file for reading. Blocks while a named pipe has no writer. Throws std::system_error,
/// which names the file.
std::unique_ptr<Source> file_source(const std::filesystem::path& path);

/// Writes each span as a whole to a descriptor, and blocks until that is done; nothing interrupts
/// it. Errors are those of
/// the system; a broken pipe is std::errc::broken_pipe, if the program ignores SIGPIPE.
/// Thread-bound.
class FdSink : public Sink {
 public:
  /// Writes to `fd`, at its current position.
  explicit FdSink(int fd, Ownership ownership = Ownership::borrowed) noexcept;
  ~FdSink() override;
  FdSink(const FdSink&) = delete;
  FdSink& operator=(const FdSink&) = delete;
  IoResult write(std::span<const std::byte> bytes) override;

  /// Closes an owned descriptor now, so that errors which only closing reveals are returned. A
  /// second call returns errc::already_closed, and later writes fail with
  /// std::errc::bad_file_descriptor. A borrowed descriptor stays open.
  std::error_code close();

 private:
  int fd_;
  Ownership ownership_;
};

}  // namespace asyncstream
