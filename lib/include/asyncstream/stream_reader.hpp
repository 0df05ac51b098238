// SPDX-License-Identifier: Apache-2.0
//
// StreamReader: one reader of a stream, at its own pace, from byte 0. Made by AsyncStream.
//
// A reader is thread-bound: one thread at a time may use it, except that close() may come from any
// thread and ends a call that is waiting with errc::closed. Different readers are independent. A
// reader may outlive its stream; its calls then report errc::closed.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stop_token>
#include <system_error>
#include <utility>

#include "asyncstream/io.hpp"
#include "csp/deadline.hpp"

namespace asyncstream {

namespace detail {
struct Wiring;
}

/// Bytes in place: valid, and unchanged, until their reader is closed (A19).
struct View {
  std::span<const std::byte> bytes;
  std::error_code error;
};

class StreamReader {
 public:
  using Clock = std::chrono::steady_clock;

  /// A reader of nothing: every call reports errc::closed.
  StreamReader() noexcept;
  StreamReader(StreamReader&&) noexcept;
  StreamReader& operator=(StreamReader&&) noexcept;
  ~StreamReader();  // closes

  /// Reads the next bytes: between 1 and into.size() of them, as soon as there is one; blocks at
  /// the frontier of what the source has given. n == 0 with errc::eof at the end, with the
  /// stream's error if it failed (A2, A4). A zero-length read waits at the frontier too (Q15).
  IoResult read(std::span<std::byte> into);
  /// The same, but no longer than: std::errc::timed_out, or errc::cancelled, with nothing read;
  /// the next read goes on as if this one had not been.
  IoResult read(std::span<std::byte> into, std::stop_token stop);
  IoResult read_until(std::span<std::byte> into, Clock::time_point deadline,
                      std::stop_token stop = {});
  /// Zero or less is a try; what the clock cannot represent is "for ever" (C35).
  template <class Rep, class Period>
  IoResult read_for(std::span<std::byte> into, std::chrono::duration<Rep, Period> duration,
                    std::stop_token stop = {}) {
    return read_until(into, csp::deadline_after(duration), std::move(stop));
  }

  /// Reads at an offset, without moving the reader's own. Blocks until a byte beyond it is there.
  IoResult read_at(std::size_t offset, std::span<std::byte> into);

  /// The next bytes in place, at most `max`; no copy. Otherwise as read().
  View view(std::size_t max);

  /// Writes all that is left to the sink, in order, each byte once, and waits for the rest: until
  /// the end of the stream (no error) or the first failure, of the stream or the sink; a sink that
  /// takes less without an error is errc::short_write. n is what the sink took in this call, and
  /// the offset moves by it, so a further call goes on correctly (A14). What the sink throws
  /// passes through.
  IoResult write_to(Sink& sink);

  /// Where the next read begins; seek() sets it, also beyond the frontier (then reads wait).
  std::size_t offset() const noexcept;
  void seek(std::size_t offset) noexcept;

  /// Gives the place among the readers back; errc::already_closed the second time. Never blocks
  /// for longer than the stream needs to take notice. Thread-safe.
  std::error_code close();

 private:
  friend class AsyncStream;
  struct State;
  explicit StreamReader(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

/// A reader as the source of another stream, of any buffer size (A22).
std::unique_ptr<Source> source_from(StreamReader reader);

}  // namespace asyncstream
