// SPDX-License-Identifier: Apache-2.0
//
// Adapters for the standard library's streams: a std::istream as source, a std::ostream as sink,
// and a reader as a std::istream. The last one's get area is the stream's own buffer: underflow()
// advances it by a view and copies nothing.
#include "asyncstream/iostream.hpp"

#include <algorithm>
#include <streambuf>
#include <utility>

namespace asyncstream {

IoResult IstreamSource::read(std::span<std::byte> into, std::stop_token) {
  std::streambuf* const buffer = in_.rdbuf();
  // A file that could not be opened has a buffer at its end, and only failbit shows the failure.
  if (!buffer || (in_.fail() && !in_.eof())) return {0, std::make_error_code(std::errc::io_error)};
  using Traits = std::istream::traits_type;
  // sgetn would wait until `into` is full, so wait for one character and then take what is there.
  if (Traits::eq_int_type(buffer->sgetc(), Traits::eof())) {
    return {0, in_.bad() ? std::make_error_code(std::errc::io_error)
                         : std::error_code(make_error_code(errc::eof))};
  }
  const std::streamsize there = std::max<std::streamsize>(buffer->in_avail(), 1);
  const std::streamsize wanted = std::min(
      there, static_cast<std::streamsize>(std::min<std::size_t>(into.size(), PTRDIFF_MAX)));
  const std::streamsize n = buffer->sgetn(reinterpret_cast<char*>(into.data()), wanted);
  return {static_cast<std::size_t>(n), {}};
}

IoResult OstreamSink::write(std::span<const std::byte> bytes) {
  std::streambuf* const buffer = out_.rdbuf();
  if (!out_ || !buffer) return {0, std::make_error_code(std::errc::io_error)};
  const std::streamsize n = buffer->sputn(reinterpret_cast<const char*>(bytes.data()),
                                          static_cast<std::streamsize>(bytes.size()));
  const std::size_t written = static_cast<std::size_t>(std::max<std::streamsize>(n, 0));
  if (written == bytes.size()) return {written, {}};
  try {
    out_.setstate(std::ios::badbit);
  } catch (const std::ios_base::failure&) {  // the return value reports it, with the count
  }
  return {written, std::make_error_code(std::errc::io_error)};
}

class ReaderStream::Buffer : public std::streambuf {
 public:
  explicit Buffer(StreamReader reader) : reader_(std::move(reader)) {}
  std::error_code error() const noexcept { return error_; }

 protected:
  int_type underflow() override {
    if (gptr() != egptr()) return traits_type::to_int_type(*gptr());
    constexpr std::size_t kBlock = 64 * 1024;
    const View view = reader_.view(kBlock);
    if (view.error) {
      if (view.error == errc::eof) return traits_type::eof();
      error_ = view.error;
      throw std::ios_base::failure("asyncstream", error_);  // becomes badbit
    }
    // The get area is only read: this class has no pbackfail that would write into it.
    char* const bytes = const_cast<char*>(reinterpret_cast<const char*>(view.bytes.data()));
    // The bytes that were read since the last seek lie just before these (A19), so they can be put
    // back.
    char* const first = eback() && egptr() == bytes ? eback() : bytes;
    setg(first, bytes, bytes + view.bytes.size());
    return traits_type::to_int_type(*bytes);
  }

  pos_type seekoff(off_type offset, std::ios::seekdir from, std::ios::openmode mode) override {
    const off_type here = static_cast<off_type>(reader_.offset()) - (egptr() - gptr());
    if (from == std::ios::end) return pos_type(off_type(-1));  // the end's offset is not known
    off_type place = offset;
    if (from == std::ios::cur && __builtin_add_overflow(here, offset, &place)) return pos_type(-1);
    return seekpos(pos_type(place), mode);
  }

  pos_type seekpos(pos_type position, std::ios::openmode) override {
    if (off_type(position) < 0) return pos_type(off_type(-1));
    reader_.seek(static_cast<std::size_t>(off_type(position)));
    setg(nullptr, nullptr, nullptr);
    return position;
  }

 private:
  StreamReader reader_;
  std::error_code error_;
};

ReaderStream::ReaderStream(StreamReader reader)
    : std::istream(nullptr), buffer_(std::make_unique<Buffer>(std::move(reader))) {
  rdbuf(buffer_.get());
}

// The base class does not use its buffer again, as with std::ifstream. rdbuf(nullptr) would set
// badbit, and throw if exceptions() asks for that.
ReaderStream::~ReaderStream() = default;

std::error_code ReaderStream::error() const noexcept { return buffer_->error(); }

}  // namespace asyncstream
