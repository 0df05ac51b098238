// SPDX-License-Identifier: Apache-2.0
//
// Where bytes come from and where they go: Go's io.Reader, io.WriterTo and io.Writer.
// Ready-made sources and sinks are in fd.hpp, memory.hpp and iostream.hpp.
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <system_error>

#include "asyncstream/errc.hpp"

namespace asyncstream {

/// Bytes moved, and how it ended; the n bytes count whatever the error says.
struct IoResult {
  std::size_t n = 0;
  std::error_code error;
};

/// What a stream pulls from. Thread-bound: only the stream's process readIntoBuffer calls it; after
/// that has ended, it is destroyed by the thread that closes or destroys the stream. It may call
/// its own stream, but not close or destroy it: that waits for the process (csp::Misuse), or for a
/// reader.
struct Source {
  virtual ~Source() = default;

  /// Reads at most into.size() bytes, at least one unless there is an error; may block. At the end
  /// returns errc::eof (with or without last bytes). When stop is requested it should return
  /// errc::cancelled soon; a source that cannot delays closing its stream until it returns (A12).
  /// What breaks these rules ends the stream with a named error (A15).
  virtual IoResult read(std::span<std::byte> into, std::stop_token stop) = 0;
};

/// What bytes are written to. Thread-bound: the library calls it on the thread that called
/// write_to().
struct Sink {
  virtual ~Sink() = default;

  /// Takes all of the bytes, or says how many it took and why not all; may block. More than it was
  /// given count as all. The span is valid during the call only, except where its origin promises
  /// more (StreamReader::write_to does, A19).
  virtual IoResult write(std::span<const std::byte> bytes) = 0;
};

/// A source that writes itself out in one go, as Go's io.WriterTo. A stream prefers this form; it
/// then shows nothing before the whole source is there (A3), and ends with the error that write_to
/// returned; none, or errc::eof, is success. When the buffer is full its sink takes fewer bytes and
/// says errc::short_write.
struct PushSource : Source {
  virtual IoResult write_to(Sink& sink, std::stop_token stop) = 0;
};

}  // namespace asyncstream
