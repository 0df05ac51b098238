// SPDX-License-Identifier: Apache-2.0
//
// Outlet: one sink with a process of its own, which writes what its reader brings, at the sink's
// pace, and knows in the end how it went.
//
// No write waits without listening for an interruption: the descriptor is written only when poll()
// says it may, with O_NONBLOCK where it is ours to set. A standard output that is no terminal is
// shared with whoever gave it to us and stays as it is; there, PIPE_BUF bytes at a time never block
// once poll() has found room.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

#include "asyncstream/io.hpp"
#include "asyncstream/stream_reader.hpp"
#include "tee/command.hpp"
#include "tee/descriptor.hpp"
#include "tee/interruption.hpp"

namespace asyncstream::tools::tee {

class Outlet final : public Sink {
 public:
  enum class Ending {
    running,
    complete,     ///< it has every byte of the source, to its end
    cut_off,      ///< it has all that was read, but the source did not come to its end
    failed,       ///< complaint() says why
    interrupted,  ///< by a signal
  };

  Outlet(std::string name, Descriptor fd, std::optional<Command> command,
         const Interruption& interruption, bool digest);

  /// Writes all of the reader to the sink and finishes it; the body of the outlet's process.
  void deliver(StreamReader reader) noexcept;
  IoResult write(std::span<const std::byte> bytes) override;

  const std::string& name() const noexcept { return name_; }
  /// Thread-safe; all below only when deliver has returned.
  std::uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }

  Ending ending() const noexcept { return ending_; }
  const std::string& complaint() const noexcept { return complaint_; }
  std::chrono::duration<double> time() const noexcept { return time_; }
  std::uint32_t crc32() const noexcept { return crc32_; }

 private:
  bool wait_for_room();
  void fail(const std::string& why);
  void finish(std::error_code stream_error);

  const std::string name_;
  Descriptor fd_;
  std::optional<Command> command_;
  const Interruption& interruption_;
  const bool digest_;
  const std::size_t step_;  // how much one write may be given

  std::atomic<std::uint64_t> written_ = 0;  // for whoever shows progress
  std::uint32_t crc32_ = 0;
  std::chrono::duration<double> time_{0};
  Ending ending_ = Ending::running;
  std::string complaint_;
};

}  // namespace asyncstream::tools::tee
