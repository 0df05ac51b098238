// SPDX-License-Identifier: Apache-2.0
//
// AsyncStream: one source, pulled once into a bounded buffer; any number of readers, made at any
// time, each reads it from byte 0 and waits at the frontier.
//
//   auto stream = asyncstream::AsyncStream::from_reader(64 << 20, asyncstream::file_source("in"));
//   asyncstream::StreamReader reader = stream.make_stream_reader();
//   reader.write_to(sink);          // on as many threads, with as many readers, as you like
//   reader.close();
//   stream.close();                 // waits until no reader is left, then joins its processes
//
// Readers do not pace each other or the source. The buffer holds the whole source: a longer one
// ends with errc::short_buffer, found by reading one byte more (A5). The buffer's memory is
// committed only as it fills. Three processes serve a stream, named transfer, readIntoBuffer and
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

/// What the forms of make_stream_reader that can fail bring.
struct OpenResult {
  StreamReader reader;
  std::error_code error;
};

class AsyncStream {
 public:
  using Clock = std::chrono::steady_clock;

  /// A stream over a source, with a buffer of buffer_size bytes (0 is legal). Throws
  /// std::invalid_argument for a null source, std::bad_alloc when the buffer cannot be reserved,
  /// std::system_error when no thread can be started, or no file made in Options::spill.
  static AsyncStream from_reader(std::size_t buffer_size, std::unique_ptr<Source> source,
                                 Options options = {});
  /// A stream over bytes in memory, all readable at once (A6): taken over, or borrowed (they must
  /// then stay unchanged until the stream and its readers are gone).
  static AsyncStream from_slice(std::vector<std::byte> bytes, Options options = {});
  static AsyncStream from_view(std::span<const std::byte> bytes, Options options = {});

  /// A stream that was moved from is as a closed one.
  AsyncStream(AsyncStream&&) noexcept;
  AsyncStream& operator=(AsyncStream&&) noexcept;

  /// Cancels, does not wait for readers, and joins: readers that are left get errc::cancelled or
  /// errc::closed from then on (A13). Waits for a source that cannot be interrupted.
  ~AsyncStream();

  /// A new reader, at byte 0. Blocks while Options::max_readers are open. Throws std::system_error
  /// with errc::closed on a closed stream, with the error of cancel() on a cancelled one.
  /// The name shows in traces; by default the calling process's. Thread-safe, as all that follow.
  StreamReader make_stream_reader(std::string_view name = {});
  /// The same without waiting (std::errc::resource_unavailable_try_again), no longer than the
  /// deadline (std::errc::timed_out), or until stop is requested (errc::cancelled).
  OpenResult try_make_stream_reader(std::string_view name = {});
  OpenResult make_stream_reader_until(Clock::time_point deadline, std::stop_token stop = {},
                                      std::string_view name = {});
  template <class Rep, class Period>
  OpenResult make_stream_reader_for(std::chrono::duration<Rep, Period> duration,
                                    std::stop_token stop = {}, std::string_view name = {}) {
    return make_stream_reader_until(csp::deadline_after(duration), std::move(stop), name);
  }

  /// Waits until no reader is left, stops the source and joins all processes; when it returns no
  /// thread of the library touches source or buffer, and the source is destroyed (A9, A12). Of all
  /// calls exactly one succeeds, the others report errc::already_closed: at once, except that
  /// beside a timed one they wait whether it gives up. Deadlocks on a thread that holds an open
  /// reader.
  std::error_code close();
  /// The same, but std::errc::timed_out, with nothing changed, if readers are left by then, or
  /// another timed call has not ended.
  std::error_code close_until(Clock::time_point deadline);
  template <class Rep, class Period>
  std::error_code close_for(std::chrono::duration<Rep, Period> duration) {
    return close_until(csp::deadline_after(duration));
  }

  /// Ends all reads and opens that wait, and all later ones, with this error, and asks the source
  /// to stop, on the calling thread; waits for neither. When it has returned no read gets bytes
  /// any more, except with Options::drain_before_error: later reads then first get what is
  /// buffered. The first call counts, and an error the stream ended with before.
  void cancel(std::error_code error = errc::cancelled);

  /// Readers open now; 0 once closed.
  std::size_t reader_count() const;
  /// Bytes readable now; 0 once closed.
  std::size_t buffered() const noexcept;
  std::size_t capacity() const noexcept;
  /// No error while the source goes on, then how it ended: errc::eof or an error. Ask before
  /// close(): after it this is errc::closed, and exception() is null.
  std::error_code status() const noexcept;
  /// What the source threw, if that ended the stream; with errc::short_buffer, the
  /// std::system_error of an error that came with the byte beyond the buffer.
  std::exception_ptr exception() const noexcept;

 private:
  struct State;
  explicit AsyncStream(std::unique_ptr<State> state) noexcept;
  OpenResult open(Clock::time_point deadline, const std::stop_token& stop, std::string_view name,
                  std::errc time_is_up = std::errc::timed_out);

  std::unique_ptr<State> state_;
};

}  // namespace asyncstream
