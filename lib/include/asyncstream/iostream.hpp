// SPDX-License-Identifier: Apache-2.0
//
// Streams of the standard library: a std::istream as a source, a std::ostream as a sink, and a
// std::istream that reads a StreamReader in place.
#pragma once

#include <istream>
#include <memory>
#include <ostream>

#include "asyncstream/io.hpp"
#include "asyncstream/stream_reader.hpp"

namespace asyncstream {

/// Reads a borrowed std::istream as bytes arrive in its buffer; thread-bound. It cannot be
/// interrupted: a stream over it closes only when the read that is under way returns.
class IstreamSource : public Source {
 public:
  explicit IstreamSource(std::istream& in) noexcept : in_(in) {}
  IoResult read(std::span<std::byte> into, std::stop_token stop) override;

 private:
  std::istream& in_;
};

/// Writes to a borrowed std::ostream, and does not flush it; thread-bound. A failed stream is
/// std::errc::io_error, also where exceptions() asks for one.
class OstreamSink : public Sink {
 public:
  explicit OstreamSink(std::ostream& out) noexcept : out_(out) {}
  IoResult write(std::span<const std::byte> bytes) override;

 private:
  std::ostream& out_;
};

/// A std::istream over a StreamReader, without a copy between the stream's buffer and the caller.
/// The end of the stream is eofbit; a failure is badbit, and error() tells which. tellg and seekg
/// work on offsets from the beginning. Owns its reader. Blocks at the frontier; thread-bound.
class ReaderStream : public std::istream {
 public:
  explicit ReaderStream(StreamReader reader);
  ~ReaderStream() override;
  std::error_code error() const noexcept;

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace asyncstream
