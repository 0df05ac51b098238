// SPDX-License-Identifier: Apache-2.0
//
// What can be chosen about a stream. The defaults are what the Go reference does.
#pragma once

#include <cstddef>
#include <string>

namespace asyncstream {

/// How a read below the frontier gets its answer, which is the same in both cases.
enum class Reads {
  posted,      ///< from what `transfer` has posted, unless a trace is attached; no message
  by_message,  ///< always by a request to `transfer` and its response, as in the Go reference
};

struct Options {
  /// How many readers may be open at once; the next one waits (A8).
  std::size_t max_readers = 100;

  /// Find out whether a full buffer is all there is by reading one byte more, which is then lost to
  /// the source's next reader (A5). Off, nothing beyond the buffer is read, and a source that
  /// fills it ends with errc::short_buffer, also if that was all (Q7).
  bool probe = true;

  /// Give every reader all buffered bytes before an error. Off, an error is answered at once, even
  /// to a reader that has not yet read what was buffered before it (A4, as the reference).
  bool drain_before_error = false;

  /// A read that no message is sent for takes about as long as its copy (csp::Watch).
  Reads reads = Reads::posted;

  /// A folder, in which the buffer is then a file without a name; for what is larger than memory.
  /// Its space is taken as it fills: when there is none left the stream ends with the system's
  /// error (std::errc::no_space_on_device), and what was read before can be read. Little of it is
  /// in this process's memory at any time (A23). Of streams with a source.
  std::string spill = {};

  /// Tells this stream's traffic from others' in a shared trace: stands, with a slash, before the
  /// names of its channels and processes. The first 29 bytes of it count, so that those fit in an
  /// event beside it (csp::ShortText), and a slash or colon in it becomes an underscore.
  std::string label = {};
};

}  // namespace asyncstream
