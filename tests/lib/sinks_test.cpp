// SPDX-License-Identifier: Apache-2.0
//
// write_to into sinks with every kind of fault: they fail at some byte, take less, throw, keep what
// they were given, or close the reader or the stream during the call. In each case the returned
// number, the reader's offset and the sink's bytes must agree, so that another call continues where
// this one stopped.
#include <doctest/doctest.h>

#include <optional>
#include <stdexcept>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using asyncstream::MemorySink;

TEST_CASE("A14 Q37: write_to passes every byte once, 32 KiB at a time, and succeeds at the end") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream.make_stream_reader();
  Bytes all;
  std::vector<std::size_t> sizes;
  FunctionSink sink([&](std::span<const std::byte> piece) {
    sizes.push_back(piece.size());
    all.insert(all.end(), piece.begin(), piece.end());
    return got(piece.size());
  });
  CHECK(reader.write_to(sink) == got(100'000));
  CHECK(all == bytes(100'000));
  CHECK(sizes == std::vector<std::size_t>{32768, 32768, 32768, 1696});
  CHECK(reader.offset() == 100'000);
  CHECK(reader.write_to(sink) == got(0));
}

TEST_CASE("A14: write_to follows the source to its end") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  const csp::Channel<Bytes> written = csp::Channel<Bytes>::make("written", 1);
  FunctionSink sink([&](std::span<const std::byte> piece) {
    CHECK(written.send(Bytes(piece.begin(), piece.end())) == csp::Outcome::ok);
    return got(piece.size());
  });
  Threads threads;
  threads.run([&] { CHECK(reader.write_to(sink) == got(30)); });
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(feed.send({bytes(10, 10 * i)}) == csp::Outcome::ok);
    CHECK(written.receive() == bytes(10, 10 * i));
  }
  CHECK(feed.close() == csp::Outcome::ok);
}

TEST_CASE("A14 Q17: write_to returns what this call wrote, not the reader's offset") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100));
  StreamReader reader = stream.make_stream_reader();
  Bytes into(40);
  CHECK(reader.read(into) == got(40));
  MemorySink sink;
  CHECK(reader.write_to(sink) == got(60));
  CHECK(sink.bytes() == bytes(60, 40));
}

TEST_CASE("A14: write_to reports the stream's error, with the number of bytes written before") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed), {.drain_before_error = true});
  StreamReader reader = stream.make_stream_reader();
  MemorySink sink;
  CHECK(feed.send({bytes(30), io_error()}) == csp::Outcome::ok);
  CHECK(reader.write_to(sink) == IoResult{30, io_error()});
  CHECK(sink.bytes() == bytes(30));
  CHECK(reader.write_to(sink) == nothing(io_error()));
}

TEST_CASE("S23 D4 A14 Q16: a sink that fails at byte k stops write_to; a retry continues") {
  std::mt19937_64 random = generator();
  const std::size_t size = 100'000;
  AsyncStream stream = AsyncStream::from_slice(bytes(size));
  for (std::size_t round = scaled(100); round > 0; --round) {
    std::size_t room = round % 5 == 0 ? 32768 * (round % 3) : random() % size;
    const std::error_code error = round % 2 == 0 ? io_error() : std::error_code();
    CAPTURE(room);
    Bytes all;
    FunctionSink sink([&](std::span<const std::byte> piece) {
      const std::size_t n = std::min(room, piece.size());
      all.insert(all.end(), piece.begin(), piece.begin() + std::ptrdiff_t(n));
      room -= n;
      return n < piece.size() ? IoResult{n, error} : got(n);
    });
    StreamReader reader = stream.make_stream_reader();
    const std::size_t fits = room;
    CHECK(reader.write_to(sink) == IoResult{fits, error ? error : errc::short_write});
    CHECK(reader.offset() == fits);
    CHECK(all == bytes(fits));
    room = size;
    CHECK(reader.write_to(sink) == got(size - fits));
    CHECK(all == bytes(size));
  }
}

TEST_CASE("S23 A14: an error stops write_to even if all bytes were taken") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream.make_stream_reader();
  FunctionSink sink([](std::span<const std::byte> piece) {
    return IoResult{piece.size(), io_error()};
  });
  CHECK(reader.write_to(sink) == IoResult{32768, io_error()});
  CHECK(reader.offset() == 32768);
}

TEST_CASE("S23 A14: a sink's claim of more bytes than it was given is not believed") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100));
  StreamReader reader = stream.make_stream_reader();
  FunctionSink sink([](std::span<const std::byte>) { return got(SIZE_MAX); });
  CHECK(reader.write_to(sink) == got(100));
  CHECK(reader.offset() == 100);
}

TEST_CASE("S23 A14: a sink's exception passes through, and the reader's offset is unchanged") {
  AsyncStream stream = AsyncStream::from_slice(bytes(40'000));
  StreamReader reader = stream.make_stream_reader();
  int writes = 0;
  FunctionSink sink([&](std::span<const std::byte> piece) {
    if (++writes == 2) throw std::runtime_error("full");
    return got(piece.size());
  });
  CHECK_THROWS_WITH_AS(reader.write_to(sink), "full", std::runtime_error);
  CHECK(reader.offset() == 32768);
  MemorySink rest;
  CHECK(reader.write_to(rest) == got(40'000 - 32768));
}

TEST_CASE("S23 A19 Q18: bytes given to a sink stay unchanged until the reader is closed") {
  const Feed feed = make_feed(10);
  AsyncStream stream = AsyncStream::from_reader(1000, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  std::vector<std::span<const std::byte>> kept;
  FunctionSink sink([&](std::span<const std::byte> piece) {
    kept.push_back(piece);
    return got(piece.size());
  });
  for (std::size_t i = 0; i < 10; ++i) {
    CHECK(feed.send({bytes(100, 100 * i)}) == csp::Outcome::ok);
  }
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(reader.write_to(sink) == got(1000));
  Bytes all;
  for (const auto& piece : kept) all.insert(all.end(), piece.begin(), piece.end());
  CHECK(all == bytes(1000));
}

TEST_CASE("S23 A11: a reader that its sink closes reports closed, after the bytes written") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream.make_stream_reader();
  FunctionSink sink([&](std::span<const std::byte> piece) {
    CHECK(reader.close() == std::error_code());
    return got(piece.size());
  });
  CHECK(reader.write_to(sink) == IoResult{32768, errc::closed});
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("S23 A10: if the sink cancels the stream, write_to ends with that error") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream.make_stream_reader();
  FunctionSink sink([&](std::span<const std::byte> piece) {
    stream.cancel(io_error());
    return got(piece.size());
  });
  CHECK(reader.write_to(sink) == IoResult{32768, io_error()});
}

TEST_CASE("S23 A13: if the sink destroys the stream, the bytes stay in place") {
  std::optional<AsyncStream> stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream->make_stream_reader();
  FunctionSink sink([&](std::span<const std::byte> piece) {
    stream.reset();
    CHECK(same(piece, bytes(32768)));
    return got(piece.size());
  });
  CHECK(reader.write_to(sink) == IoResult{32768, errc::closed});
}

TEST_CASE("A14: write_to writes nothing from an ended empty stream, and waits before its end") {
  AsyncStream stream = AsyncStream::from_slice({});
  StreamReader reader = stream.make_stream_reader();
  FunctionSink sink([](std::span<const std::byte>) -> IoResult { throw 42; });
  CHECK(reader.write_to(sink) == got(0));
}

}  // namespace
