// SPDX-License-Identifier: Apache-2.0
//
// The options of a stream. The defaults are what the Go reference does.
//
//   auto stream = asyncstream::AsyncStream::from_reader(size, std::move(source),
//                                                       {.max_readers = 8, .label = "upload"});
#pragma once

#include <cstddef>
#include <string>

namespace asyncstream {

/// How a read below the frontier gets its answer; the answer is the same in both cases.
enum class Reads {
  posted,      ///< without a message, from what `transfer` has posted, unless a trace is attached
  by_message,  ///< always by a request to `transfer` and its response, as in the Go reference
};

/// The options of a stream.
struct Options {
  /// How many readers may be open at once; opening a further one waits (A8).
  std::size_t max_readers = 100;

  /// Whether to read one byte more when the buffer is full, to find out if the source has ended;
  /// that byte is then lost to the next user of the source (A5). If false, nothing beyond the
  /// buffer is read, and a source that fills it ends with errc::short_buffer, even if that was all
  /// (Q7).
  bool probe = true;

  /// Whether every reader gets all buffered bytes before an error. If false, an error is answered
  /// at once, even to a reader that has not read what was buffered before it (A4), as in the
  /// reference.
  bool drain_before_error = false;

  /// How reads below the frontier are answered. Without a message a read takes about as long as its
  /// copy.
  Reads reads = Reads::posted;

  /// A folder. The buffer is then a file in it that has no name, for streams that are larger than
  /// memory. Its space is allocated as it fills: when there is none left, the stream ends with the
  /// system's error (std::errc::no_space_on_device), and what was read before can still be read.
  /// Little of the file is in memory at any time (A23). Ignored by streams without a source.
  std::string spill = {};

  /// Distinguishes this stream in a shared trace: it precedes the names of the stream's channels
  /// and processes, followed by a slash. Only its first 29 bytes are used, so that the names fit in
  /// an event (csp::ShortText), and each slash or colon in it becomes an underscore.
  std::string label = {};
};

}  // namespace asyncstream
