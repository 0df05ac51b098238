// SPDX-License-Identifier: Apache-2.0
//
// Sources and sinks over POSIX file descriptors: files, pipes, sockets, terminals.
#pragma once

#include <filesystem>
#include <memory>

#include "asyncstream/io.hpp"

namespace asyncstream {

/// Whether closing a descriptor is the object's duty.
enum class Ownership { borrowed, owned };

/// Reads from a descriptor; thread-bound. A read that waits for a pipe, socket or terminal ends at
/// once when stop is requested (errc::cancelled). Blocking and non-blocking descriptors both work.
class FdSource : public Source {
 public:
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

/// Opens a file for reading; blocks while a named pipe has no writer. Throws std::system_error that
/// names it.
std::unique_ptr<Source> file_source(const std::filesystem::path& path);

/// Writes to a descriptor, all of each span; waits where it must; thread-bound. A broken pipe is
/// std::errc::broken_pipe (the program has to ignore SIGPIPE).
class FdSink : public Sink {
 public:
  explicit FdSink(int fd, Ownership ownership = Ownership::borrowed) noexcept;
  ~FdSink() override;
  FdSink(const FdSink&) = delete;
  FdSink& operator=(const FdSink&) = delete;
  IoResult write(std::span<const std::byte> bytes) override;

  /// Closes an owned descriptor now, to hear of errors that only closing reveals;
  /// errc::already_closed the second time, and writes fail with std::errc::bad_file_descriptor.
  /// One that is borrowed stays open.
  std::error_code close();

 private:
  int fd_;
  Ownership ownership_;
};

}  // namespace asyncstream
