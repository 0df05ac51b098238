// SPDX-License-Identifier: Apache-2.0
//
// StreamReader: every way of reading except write_to (sinks_test.cpp) and timed reads
// (timed_read_test.cpp), its offset, and closing it once, twice and from another thread.
#include "asyncstream/stream_reader.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <utility>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;

TEST_CASE(
    "A1 A2: a read gives what is there, without waiting for more, and waits at the frontier") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  Bytes into(10);
  CHECK(feed.send({bytes(6)}) == csp::Outcome::ok);
  CHECK(reader.read(std::span(into).first(4)) == got(4));
  CHECK(reader.read(std::span(into).subspan(4)) == got(2));
  CHECK(same(std::span(into).first(6), bytes(6)));

  Threads threads;
  threads.run([&] {
    CHECK(reader.read(into) == got(3));
    CHECK(same(std::span(into).first(3), bytes(3, 6)));
    CHECK(reader.read(into) == nothing(errc::eof));
  });
  wait_for_reader("a");
  CHECK(feed.send({bytes(3, 6)}) == csp::Outcome::ok);
  wait_for_reader("a");
  CHECK(feed.close() == csp::Outcome::ok);
}

TEST_CASE("A2 Q15: a read of no bytes waits at the frontier, and not below it") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  Threads threads;
  threads.run([&] {
    CHECK(reader.read({}) == got(0));
    CHECK(reader.read({}) == got(0));
    CHECK(reader.view(1).bytes.size() == 1);
    CHECK(reader.read({}) == nothing(errc::eof));
  });
  wait_for_reader("a");
  CHECK(feed.send({bytes(1)}) == csp::Outcome::ok);
  wait_for_reader("a");
  CHECK(feed.close() == csp::Outcome::ok);
}

TEST_CASE("A19: a view is the buffer in place, unchanged by later bytes") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  StreamReader other = stream.make_stream_reader();
  CHECK(feed.send({bytes(6)}) == csp::Outcome::ok);
  const asyncstream::View first = reader.view(4);
  const asyncstream::View rest = reader.view(SIZE_MAX);
  CHECK(first.bytes.size() == 4);
  CHECK(rest.bytes.size() == 2);
  CHECK(rest.bytes.data() == first.bytes.data() + 4);
  CHECK(other.view(6).bytes.data() == first.bytes.data());
  CHECK(feed.send({bytes(94, 6)}) == csp::Outcome::ok);
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(read_all(other).error == errc::eof);
  CHECK(same(first.bytes, bytes(4)));
  CHECK(reader.offset() == 6);
}

TEST_CASE("A1: read_at and seek go to any offset; reads move the offset by what they read") {
  AsyncStream stream = AsyncStream::from_slice(bytes(20));
  StreamReader reader = stream.make_stream_reader();
  Bytes into(5);
  CHECK(reader.offset() == 0);
  CHECK(reader.read_at(12, into) == got(5));
  CHECK(same(into, bytes(5, 12)));
  CHECK(reader.offset() == 0);
  CHECK(reader.read(into) == got(5));
  CHECK(reader.offset() == 5);
  reader.seek(18);
  CHECK(reader.read(into) == got(2));
  CHECK(same(std::span(into).first(2), bytes(2, 18)));
  CHECK(reader.offset() == 20);
  CHECK(reader.read(into) == nothing(errc::eof));
  CHECK(reader.offset() == 20);
  reader.seek(3);
  CHECK(read_all(reader).bytes == bytes(17, 3));
}

TEST_CASE("A20 Q33: offsets and sizes of SIZE_MAX are valid") {
  AsyncStream stream = AsyncStream::from_slice(bytes(20));
  StreamReader reader = stream.make_stream_reader();
  Bytes into(5);
  CHECK(reader.read_at(SIZE_MAX, into) == nothing(errc::eof));
  reader.seek(SIZE_MAX);
  CHECK(reader.read(into) == nothing(errc::eof));
  CHECK(reader.view(SIZE_MAX).error == errc::eof);
  reader.seek(1);
  CHECK(reader.view(SIZE_MAX).bytes.size() == 19);
}

TEST_CASE("A2 Q38: a seek beyond the frontier is kept, and a read there waits") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  reader.seek(5);
  CHECK(reader.offset() == 5);
  Threads threads;
  threads.run([&] {
    Bytes into(9);
    CHECK(reader.read(into) == got(2));
    CHECK(same(std::span(into).first(2), bytes(2, 5)));
  });
  wait_for_reader("a");
  CHECK(feed.send({bytes(5)}) == csp::Outcome::ok);
  wait_for_bytes(stream, 5);
  CHECK(sleepers_at("recv responses:a") == 1);
  CHECK(feed.send({bytes(2, 5)}) == csp::Outcome::ok);
}

void check_closed(StreamReader& reader) {
  Bytes into(5);
  CHECK(reader.read(into) == nothing(errc::closed));
  CHECK(reader.read({}) == nothing(errc::closed));
  CHECK(reader.read(into, std::stop_source().get_token()) == nothing(errc::closed));
  CHECK(reader.read_for(into, std::chrono::hours(1)) == nothing(errc::closed));
  CHECK(reader.read_at(0, into) == nothing(errc::closed));
  CHECK(reader.view(5).error == errc::closed);
  asyncstream::MemorySink sink;
  CHECK(reader.write_to(sink) == nothing(errc::closed));
  CHECK(sink.bytes().empty());
}

TEST_CASE(
    "A11 D5 Q21: every use of a closed reader is errc::closed, also if the stream is closed") {
  AsyncStream stream = AsyncStream::from_slice(bytes(20));
  StreamReader reader = stream.make_stream_reader();
  CHECK(reader.close() == std::error_code());
  check_closed(reader);
  CHECK(stream.close() == std::error_code());
  check_closed(reader);
}

TEST_CASE("A11 Q21: a closed reader of a stream that waits for its source does not wait") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  CHECK(reader.close() == std::error_code());
  check_closed(reader);
}

TEST_CASE("A11 D5: every use of an empty reader is errc::closed") {
  StreamReader reader;
  check_closed(reader);
  CHECK(reader.offset() == 0);
  reader.seek(7);
  CHECK(reader.close() == errc::closed);
}

TEST_CASE("A11 Q22: closing a reader twice is already_closed, however often") {
  AsyncStream stream = AsyncStream::from_slice(bytes(20));
  StreamReader reader = stream.make_stream_reader();
  CHECK(reader.close() == std::error_code());
  for (int i = 0; i < 3; ++i) CHECK(reader.close() == errc::already_closed);
  CHECK(stream.reader_count() == 0);
  CHECK(stream.close() == std::error_code());
  CHECK(reader.close() == errc::already_closed);
}

TEST_CASE("A11 Q20: of two closes of a reader at once exactly one succeeds, and counts once") {
  AsyncStream stream = AsyncStream::from_slice(bytes(20));
  StreamReader keeps_the_count = stream.make_stream_reader();
  StreamReader reader;
  std::atomic<int> succeeded{0}, refused{0};
  const auto close = [&] {
    const std::error_code error = reader.close();
    if (!error) ++succeeded;
    if (error == errc::already_closed) ++refused;
  };
  int rounds = 0;
  race(
      scaled(2000), [&] { reader = stream.make_stream_reader(); }, close, close,
      [&] {
        CHECK(stream.reader_count() == 1);
        ++rounds;
      });
  CHECK(succeeded == rounds);
  CHECK(refused == rounds);
}

TEST_CASE("A11 A16 Q19: closing a reader ends its waiting read, and the stream continues") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  StreamReader other = stream.make_stream_reader("b");
  Threads threads;
  threads.run([&] {
    Bytes into(9);
    CHECK(reader.read(into) == nothing(errc::closed));
  });
  wait_for_reader("a");
  CHECK(reader.close() == std::error_code());
  threads.join();
  CHECK(feed.send({bytes(3)}) == csp::Outcome::ok);
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(read_all(other).bytes == bytes(3));
}

TEST_CASE(
    "A11 Q19: in a race of a close and the answer, the read gives the bytes or errc::closed") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100'000, pulled(feed));
  std::size_t fed = 0;
  StreamReader reader;
  IoResult result;
  Bytes into(9);
  race(
      scaled(1000),
      [&] {
        reader = stream.make_stream_reader();
        reader.seek(fed);
      },
      [&] {
        (void)feed.send({bytes(1, fed)});
        (void)reader.close();
      },
      [&] { result = reader.read(into); },
      [&] {
        const bool closed = result == nothing(errc::closed);
        const bool read = result == got(1) && into[0] == byte_at(fed);
        CHECK((closed || read));
        ++fed;
      });
  wait_for_bytes(stream, fed);
  CHECK(stream.reader_count() == 0);
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(read_all(stream).bytes == bytes(fed));
}

TEST_CASE(
    "A11 A13: a reader outlives its stream; a move keeps its place, an assignment closes it") {
  StreamReader reader;
  {
    AsyncStream stream = AsyncStream::from_slice(bytes(20));
    StreamReader first = stream.make_stream_reader();
    StreamReader second = std::move(first);
    check_closed(first);  // NOLINT: moved from on purpose
    CHECK(stream.reader_count() == 1);
    second = stream.make_stream_reader();
    CHECK(stream.reader_count() == 1);
    reader = std::move(second);
    CHECK(read_all(reader).bytes == bytes(20));
  }
  check_closed(reader);
  CHECK(reader.close() == std::error_code());
  CHECK(reader.close() == errc::already_closed);
}

}  // namespace
