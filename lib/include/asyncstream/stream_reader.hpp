// SPDX-License-Identifier: Apache-2.0
//
// StreamReader: one reader of a stream, at its own pace, from byte 0. AsyncStream makes it.
//
//   std::array<std::byte, 512> buffer;
//   while (true) {
//     const asyncstream::IoResult got = reader.read(buffer);  // blocks at the frontier
//     use(std::span(buffer).first(got.n));
//     if (got.error) break;  // errc::eof at the end
//   }
//
// A reader is thread-bound: one thread at a time may use it. But any thread may call close(), which
// ends a call that is waiting with errc::closed. Different readers are independent. A reader may
// outlive its stream; its calls then return errc::closed.
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

/// Bytes in the stream's buffer, or an error. The bytes are valid, and unchanged, until their
/// reader is closed (A19).
struct View {
  std::span<const std::byte> bytes;
  std::error_code error;
};

/// A reader; an open one counts towards Options::max_readers. Movable.
class StreamReader {
 public:
  /// The clock of all deadlines.
  using Clock = std::chrono::steady_clock;

  /// A reader of no stream: every call returns errc::closed.
  StreamReader() noexcept;
  /// Leaves the other one a reader of no stream.
  StreamReader(StreamReader&&) noexcept;
  /// Closes the reader that it replaces, as close() does.
  StreamReader& operator=(StreamReader&&) noexcept;
  /// Closes the reader, as close() does.
  ~StreamReader();

  /// Reads the next bytes: between 1 and into.size() of them, without waiting for more. Blocks at
  /// the frontier, the end of what the source has given. Returns no bytes and errc::eof at the end
  /// of the stream, the stream's error if it failed (A2, A4), errc::closed if the reader is closed
  /// or the stream object destroyed, and the error of cancel() after it. A zero-length read also
  /// waits at the frontier (Q15). (Go: Read.)
  IoResult read(std::span<std::byte> into);
  /// Like read(), but ends when stop is requested (errc::cancelled) or the deadline passes
  /// (std::errc::timed_out). Then nothing was read, and the next read continues at the same place.
  /// Bytes that are already there are returned even if stop is requested or the deadline has
  /// passed.
  IoResult read(std::span<std::byte> into, std::stop_token stop);
  IoResult read_until(std::span<std::byte> into, Clock::time_point deadline,
                      std::stop_token stop = {});
  /// Like read_until(), with a duration: zero or less is a try, and one that the clock cannot
  /// represent is unlimited (C35).
  template <class Rep, class Period>
  IoResult read_for(std::span<std::byte> into, std::chrono::duration<Rep, Period> duration,
                    std::stop_token stop = {}) {
    return read_until(into, csp::deadline_after(duration), std::move(stop));
  }

  /// Reads at an offset in bytes, without moving the reader's own. Blocks until a byte at that
  /// offset is there, or the stream ends.
  IoResult read_at(std::size_t offset, std::span<std::byte> into);

  /// Like read(), but returns the next bytes in place, at most `max` of them, without a copy.
  /// With max = 0, like a zero-length read.
  View view(std::size_t max);

  /// Writes the rest of the stream to the sink, in order, each byte once, and waits for bytes to
  /// come. It returns at the end of the stream (no error) or at the first error of the stream or
  /// the sink; a sink that takes fewer bytes without an error is errc::short_write. The result's n
  /// is what the sink took in this call, and the offset moves by it, so another call continues
  /// correctly (A14). An exception of the sink passes through. Neither cancel() nor close()
  /// interrupts the sink. (Go: WriteTo.)
  IoResult write_to(Sink& sink);

  /// The offset in bytes at which the next read begins. seek() sets it; beyond the frontier reads
  /// then wait. Neither blocks.
  std::size_t offset() const noexcept;
  void seek(std::size_t offset) noexcept;

  /// Closes the reader, which makes room for another one. A second call returns
  /// errc::already_closed. Blocks only until one of the stream's processes takes notice, for the
  /// time of a thread's wake-up. Any thread may call it. (Go: Close.)
  std::error_code close();

 private:
  friend class AsyncStream;
  struct State;
  explicit StreamReader(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

/// A reader as the source of another stream, of any buffer size (A22). It owns the reader; that of
/// a closed reader fails with errc::closed. Throws std::bad_alloc.
std::unique_ptr<Source> source_from(StreamReader reader);

}  // namespace asyncstream
