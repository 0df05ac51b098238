// SPDX-License-Identifier: Apache-2.0
//
// Where bytes come from and where they go: Go's io.Reader, io.WriterTo and io.Writer. Ready-made
// sources and sinks are in fd.hpp, memory.hpp and iostream.hpp.
//
//   struct Zeros : asyncstream::Source {
//     asyncstream::IoResult read(std::span<std::byte> into, std::stop_token) override {
//       std::ranges::fill(into, std::byte{0});
//       return {into.size(), {}};
//     }
//   };
#pragma once

#include <cstddef>
#include <span>
#include <stop_token>
#include <system_error>

#include "asyncstream/errc.hpp"

namespace asyncstream {

/// The number of bytes moved, and an error if there was one. The bytes count even if there was an
/// error.
struct IoResult {
  std::size_t n = 0;
  std::error_code error;
};

/// What a stream reads from; Go's io.Reader. Thread-bound: only the stream's process readIntoBuffer
/// calls it. Once that has ended, the thread that closes or destroys the stream destroys the
/// source. A source may call its own stream, but must not close or destroy it: that would wait for
/// the source's own process (csp::Misuse) or for a reader.
struct Source {
  virtual ~Source() = default;

  /// Reads at most into.size() bytes, and at least one unless there is an error; may block. At the
  /// end it returns errc::eof, with or without last bytes. When stop is requested it should return
  /// errc::cancelled soon; until it returns, closing the stream blocks (A12). A source that breaks
  /// these rules, or throws, ends the stream with a named error (A15).
  virtual IoResult read(std::span<std::byte> into, std::stop_token stop) = 0;
};

/// What bytes are written to; Go's io.Writer. Thread-bound: the library calls it on the thread that
/// called write_to().
struct Sink {
  virtual ~Sink() = default;

  /// Takes all of the bytes, or returns how many it took and an error; may block. A count greater
  /// than bytes.size() means all. The span is valid only during the call, unless its origin
  /// promises more, as StreamReader::write_to does (A19).
  virtual IoResult write(std::span<const std::byte> bytes) = 0;
};

/// A source that writes itself out in one call; Go's io.WriterTo. A stream uses only this form, not
/// read(). Nothing is readable before the whole source is in the buffer (A3).
struct PushSource : Source {
  /// Writes everything to the sink, and returns no error or errc::eof on success; may block, and
  /// should return errc::cancelled soon when stop is requested. The
  /// stream ends with the returned error. If the buffer is full, the sink takes fewer bytes and
  /// returns errc::short_write.
  virtual IoResult write_to(Sink& sink, std::stop_token stop) = 0;
};

}  // namespace asyncstream
