// SPDX-License-Identifier: Apache-2.0
//
// Adapters for the standard library's streams: a std::istream as a source, a std::ostream as a
// sink, and a std::istream that reads a StreamReader in place.
//
//   asyncstream::ReaderStream in(stream.make_stream_reader());
//   for (std::string line; std::getline(in, line);) use(line);
#pragma once

#include <istream>
#include <memory>
#include <ostream>

#include "asyncstream/io.hpp"
#include "asyncstream/stream_reader.hpp"

namespace asyncstream {

/// Reads a borrowed std::istream, which must outlive it and serves it alone, as bytes arrive in
/// its buffer. It cannot be interrupted: a stream
/// over it closes only when the current read returns. A failed stream is std::errc::io_error.
/// Thread-bound.
class IstreamSource : public Source {
 public:
  explicit IstreamSource(std::istream& in) noexcept : in_(in) {}
  IoResult read(std::span<std::byte> into, std::stop_token stop) override;

 private:
  std::istream& in_;
};

/// Writes to a borrowed std::ostream, without flushing it. A failed stream is std::errc::io_error,
/// even if its exceptions() ask for an exception. Thread-bound.
class OstreamSink : public Sink {
 public:
  explicit OstreamSink(std::ostream& out) noexcept : out_(out) {}
  IoResult write(std::span<const std::byte> bytes) override;

 private:
  std::ostream& out_;
};

/// A std::istream over a StreamReader, which it owns. Nothing is copied between the stream's buffer
/// and the caller. The end of the stream sets eofbit; a failure sets badbit, and error() returns
/// it. tellg and seekg work on offsets from the beginning. Blocks at the frontier. Thread-bound.
class ReaderStream : public std::istream {
 public:
  explicit ReaderStream(StreamReader reader);
  ~ReaderStream() override;
  /// The error that set badbit; no error before that.
  std::error_code error() const noexcept;

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace asyncstream
