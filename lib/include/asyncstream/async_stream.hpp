// SPDX-License-Identifier: Apache-2.0
//
// AsyncStream: one source, read once into a bounded buffer, for any number of readers. A reader may
// be made at any time; each reads the source from byte 0 and waits at the frontier, the end of what
// the source has given.
//
//   auto stream = asyncstream::AsyncStream::from_reader(64 << 20, asyncstream::file_source("in"));
//   asyncstream::StreamReader reader = stream.make_stream_reader();
//   reader.write_to(sink);          // on as many threads, with as many readers, as you like
//   reader.close();
//   stream.close();                 // waits until no reader is left, then joins its processes
//
// Readers delay neither each other nor the source. The buffer holds the whole source: a longer one
// ends with errc::short_buffer, which is found by reading one byte more (A5). The buffer's memory
// is committed only as it fills. Three processes serve a stream, named transfer, readIntoBuffer and
// readersMonitor; a stream from memory has no readIntoBuffer.
#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "asyncstream/io.hpp"
#include "asyncstream/options.hpp"
#include "asyncstream/stream_reader.hpp"

namespace asyncstream {

/// The result of the forms of make_stream_reader that can fail: a reader, or an error.
struct OpenResult {
  StreamReader reader;
  std::error_code error;
};

/// A stream. Thread-safe, except that moving and destroying it must not overlap with other calls.
class AsyncStream {
 public:
  /// The clock of all deadlines.
  using Clock = std::chrono::steady_clock;

  /// Starts a stream over a source, with a buffer of `buffer_size` bytes (0 is allowed). Throws
  /// std::invalid_argument for a null source, std::bad_alloc when the buffer cannot be reserved,
  /// std::system_error when a thread cannot be started, or no file can be made in Options::spill.
  /// (Go: AsyncStreamFromReader.)
  static AsyncStream from_reader(std::size_t buffer_size, std::unique_ptr<Source> source,
                                 Options options = {});
  /// Starts a stream over bytes in memory, all readable at once (A6). It takes ownership of a
  /// vector; a view is borrowed, and its bytes must stay unchanged until the stream and its readers
  /// are gone. Throws std::bad_alloc, std::system_error as above. (Go: AsyncStreamFromSlice.)
  static AsyncStream from_slice(std::vector<std::byte> bytes, Options options = {});
  static AsyncStream from_view(std::span<const std::byte> bytes, Options options = {});

  /// A stream that was moved from behaves as a closed one.
  AsyncStream(AsyncStream&&) noexcept;
  /// Ends the stream that it replaces, as ~AsyncStream() does.
  AsyncStream& operator=(AsyncStream&&) noexcept;

  /// Cancels the stream and joins its processes, without waiting for readers; readers that are left
  /// report errc::cancelled or errc::closed from then on (A13). If the source cannot be
  /// interrupted, blocks until its current read returns.
  ~AsyncStream();

  /// Makes a reader at byte 0. Blocks while Options::max_readers are open (A8). Throws
  /// std::bad_alloc, or std::system_error: with errc::closed on a closed stream, with the error of
  /// cancel() on a cancelled one. Traces show the reader's name, by default that of the calling
  /// process. (Go: MakeStreamReader.)
  StreamReader make_stream_reader(std::string_view name = {});
  /// The same with an error code, also for a closed or cancelled stream: without waiting for room
  /// (std::errc::resource_unavailable_try_again), until a deadline (std::errc::timed_out), or until
  /// stop is requested (errc::cancelled). Throws only std::bad_alloc.
  OpenResult try_make_stream_reader(std::string_view name = {});
  OpenResult make_stream_reader_until(Clock::time_point deadline, std::stop_token stop = {},
                                      std::string_view name = {});
  template <class Rep, class Period>
  OpenResult make_stream_reader_for(std::chrono::duration<Rep, Period> duration,
                                    std::stop_token stop = {}, std::string_view name = {}) {
    return make_stream_reader_until(csp::deadline_after(duration), std::move(stop), name);
  }

  /// Waits until no reader is left, stops the source and joins all processes. When it returns, no
  /// thread of the library touches source or buffer, and the source is destroyed (A9, A12). Of all
  /// calls exactly one succeeds. The others return errc::already_closed: at once, except that they
  /// wait while a timed call is under way, which may give up. Deadlocks on a thread that holds an
  /// open reader. (Go: Close.)
  std::error_code close();
  /// Like close(), but returns std::errc::timed_out, with nothing changed, if at the deadline
  /// readers are left or another timed call is under way. The deadline does not limit the wait for
  /// the source, which follows once no reader is left.
  std::error_code close_until(Clock::time_point deadline);
  template <class Rep, class Period>
  std::error_code close_for(std::chrono::duration<Rep, Period> duration) {
    return close_until(csp::deadline_after(duration));
  }

  /// Ends the reads and opens that wait, and all later ones, with this error (an empty one is
  /// errc::cancelled). Then asks the source to stop, which runs stop callbacks on the calling
  /// thread. Waits for neither readers nor source, only until `transfer` takes notice. When it has
  /// returned, no read gets bytes any more, except that with Options::drain_before_error later
  /// reads first get what is buffered. The first call determines the error, unless the stream had
  /// ended with an error before (A10).
  void cancel(std::error_code error = errc::cancelled);

  /// The number of readers open now; 0 once the stream is closed. Blocks until readersMonitor
  /// answers, for the time of a thread's wake-up.
  std::size_t reader_count() const;
  /// The number of bytes readable now; 0 once the stream is closed. This call, status() and
  /// exception() do not block; with Reads::by_message, or while a trace is attached, they take
  /// one wake-up of `transfer`.
  std::size_t buffered() const noexcept;
  /// The size of the buffer in bytes; 0 for a stream that was moved from.
  std::size_t capacity() const noexcept;
  /// No error while the source goes on, then how it ended: errc::eof or an error. Ask before
  /// close(); afterwards this is errc::closed, and exception() is null.
  std::error_code status() const noexcept;
  /// The exception of the source, if one ended the stream. With errc::short_buffer, a
  /// std::system_error for the error that came with the byte beyond the buffer, if any. Otherwise
  /// null.
  std::exception_ptr exception() const noexcept;

 private:
  struct State;
  explicit AsyncStream(std::unique_ptr<State> state) noexcept;
  OpenResult open(Clock::time_point deadline, const std::stop_token& stop, std::string_view name,
                  std::errc time_is_up = std::errc::timed_out);

  std::unique_ptr<State> state_;
};

}  // namespace asyncstream
