// SPDX-License-Identifier: Apache-2.0
//
// Reads with a deadline or a stop token. A read that gives up takes its request back; if the answer
// is on its way at that moment, the answer counts. In both cases the reader must continue at the
// right byte, so most of these tests race the two against each other many times.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using namespace std::chrono_literals;
using Clock = StreamReader::Clock;

TEST_CASE("A2: a timed read gives up not early and with nothing read, and the next one continues") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  Bytes into(9);
  const Clock::time_point begin = Clock::now();
  CHECK(reader.read_for(into, 10ms) == nothing(timed_out()));
  CHECK(Clock::now() - begin >= 10ms);
  CHECK(reader.read_until(into, begin) == nothing(timed_out()));
  CHECK(reader.offset() == 0);
  CHECK(feed.send({bytes(4)}) == csp::Outcome::ok);
  CHECK(reader.read(into) == got(4));
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(reader.read_for(into, 1h) == nothing(errc::eof));
}

// Durations of every unit: a duration that overflows nanoseconds means for ever, and does not
// expire at once.
TEST_CASE("C35 A2 A8 A10: durations may be infinite, zero or fractional") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed), {.max_readers = 1});
  {
    StreamReader reader = stream.make_stream_reader("patient");
    Bytes into(9);
    CHECK(reader.read_for(into, 0.5ms) == nothing(timed_out()));
    CHECK(reader.read_for(into, std::chrono::hours::min() + 1h) == nothing(timed_out()));
    Threads threads;
    threads.run([&] {
      CHECK(reader.read_for(into, std::chrono::seconds::max()) == got(4));
      CHECK(reader.read_for(into, std::chrono::hours::max()) == got(5));
    });
    wait_for_reader("patient");
    CHECK(feed.send({bytes(4)}) == csp::Outcome::ok);
    wait_for_bytes(stream, 4);
    wait_for_reader("patient");
    CHECK(feed.send({bytes(5, 4)}) == csp::Outcome::ok);
    threads.join();

    CHECK(stream.make_stream_reader_for(0.5ms).error == timed_out());
    threads.run(
        [&] { CHECK_FALSE(stream.make_stream_reader_for(std::chrono::hours::max()).error); });
    wait_for_sleepers("send add_reader");
    CHECK(reader.close() == std::error_code());
  }
  StreamReader last = stream.make_stream_reader();
  CHECK(stream.close_for(0.5ms) == timed_out());
  CHECK(stream.close_until(Clock::now()) == timed_out());
  Threads threads;
  threads.run([&] { CHECK(stream.close_for(std::chrono::hours::max()) == std::error_code()); });
  wait_for_sleepers("send wait_zero_readers");
  CHECK(last.close() == std::error_code());
}

TEST_CASE("A2: a deadline that has passed does not refuse bytes that are there") {
  AsyncStream stream = AsyncStream::from_slice(bytes(200));
  StreamReader reader = stream.make_stream_reader();
  Bytes into(1);
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(reader.read_for(into, i % 2 == 0 ? 0h : -1h) == got(1));
    CHECK(into[0] == byte_at(i));
  }
  CHECK(reader.read_until(into, Clock::time_point::min()) == nothing(errc::eof));
}

TEST_CASE("A2: durations beyond the clock's range mean for ever") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  Threads threads;
  threads.run([&] {
    Bytes into(9);
    CHECK(reader.read_for(into, Clock::duration::max()) == got(1));
    CHECK(reader.read_until(into, Clock::time_point::max()) == got(1));
  });
  for (std::size_t i = 0; i < 2; ++i) {
    wait_for_reader("a");
    CHECK(feed.send({bytes(1, i)}) == csp::Outcome::ok);
  }
}

TEST_CASE("A2 A16: a stop request ends a waiting read; bytes that are there beat it") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  std::stop_source stop;
  Threads threads;
  threads.run([&] {
    Bytes into(9);
    CHECK(reader.read(into, stop.get_token()) == nothing(errc::cancelled));
    CHECK(reader.read(into, stop.get_token()) == nothing(errc::cancelled));
    CHECK(reader.offset() == 0);
    CHECK(feed.send({bytes(4)}) == csp::Outcome::ok);
    wait_for_bytes(stream, 4);
    CHECK(reader.read(into, stop.get_token()) == got(4));
    CHECK(same(std::span(into).first(4), bytes(4)));
  });
  wait_for_reader("a");
  stop.request_stop();
}

TEST_CASE("A2: a read may give up at the end of the stream or of the reader") {
  const Feed feed = make_feed();
  std::optional<AsyncStream> stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream->make_stream_reader("a");
  Threads threads;
  threads.run([&] {
    Bytes into(9);
    CHECK(reader.read_for(into, 1h) == nothing(errc::cancelled));
  });
  wait_for_reader("a");
  stream.reset();
  threads.join();
  Bytes into(9);
  CHECK(reader.read_for(into, 1h) == nothing(errc::closed));
  CHECK(reader.read_for(into, 0s) == nothing(errc::closed));
}

/// A reader that gives up each read at about the time at which the next byte comes. At the end it
/// must have seen every byte once.
template <class GiveUp>
void read_against(std::size_t rounds, GiveUp read) {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(rounds, pulled(feed));
  StreamReader reader = stream.make_stream_reader("a");
  std::size_t given_up = 0, answered = 0;
  Threads threads;
  threads.run([&] {
    std::mt19937_64 random = generator(1);
    for (std::size_t i = 0; i < rounds; ++i) {
      linger(random);
      CHECK(feed.send({bytes(1, i)}) == csp::Outcome::ok);
    }
    CHECK(feed.close() == csp::Outcome::ok);
  });
  std::mt19937_64 random = generator(2);
  std::size_t next = 0;
  while (true) {
    Bytes into(3);
    const IoResult result = read(reader, into, random);
    if (result == nothing(errc::eof)) break;
    if (result.error) {
      const bool gave_up = result.error == timed_out() || result.error == errc::cancelled;
      CHECK(gave_up);
      CHECK(result.n == 0);
      if (!gave_up) break;
      ++given_up;
    } else {
      CHECK(same(std::span(into).first(result.n), bytes(result.n, next)));
      next += result.n;
      ++answered;
    }
    CHECK(reader.offset() == next);
  }
  CHECK(next == rounds);
  CHECK(answered > 0);
  MESSAGE("given up " << given_up << ", answered " << answered);
}

TEST_CASE("A2 A16: in races of deadlines and answers no byte is lost or doubled") {
  read_against(scaled(10'000), [](StreamReader& reader, Bytes& into, std::mt19937_64& random) {
    return reader.read_for(into, std::chrono::nanoseconds(random() % 20'000));
  });
}

TEST_CASE("A2 A16: repeated reads that do not wait see every byte") {
  read_against(scaled(5'000), [](StreamReader& reader, Bytes& into, std::mt19937_64&) {
    return reader.read_for(into, 0s);
  });
}

TEST_CASE("A2 A16: in races of stop requests and answers no byte is lost or doubled") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(1 << 20, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  std::optional<std::stop_source> stop;
  std::size_t fed = 0, stopped = 0;
  race(
      scaled(5'000), [&] { stop.emplace(); },
      [&] {
        Bytes into(3);
        const IoResult result = reader.read(into, stop->get_token());
        if (result == nothing(errc::cancelled)) {
          ++stopped;
        } else {
          CHECK(result == got(1));
          CHECK(into[0] == byte_at(reader.offset() - 1));
        }
      },
      [&] {
        const bool stop_first = fed % 4 != 0;
        if (stop_first) stop->request_stop();
        CHECK(feed.send({bytes(1, fed)}) == csp::Outcome::ok);
        ++fed;
        stop->request_stop();
      },
      [&] {
        // Catch up, so that the next round is at the frontier again.
        wait_for_bytes(stream, fed);
        Bytes into(1);
        while (reader.offset() < fed) CHECK(reader.read(into) == got(1));
      });
  CHECK(fed > 0);
  MESSAGE("stopped " << stopped << " of " << fed);
}

TEST_CASE("A2 A16: a deadline may race the end of the stream object") {
  std::optional<AsyncStream> stream;
  StreamReader reader;
  race(
      scaled(500),
      [&] {
        stream = AsyncStream::from_reader(9, pulled(make_feed()));
        reader = stream->make_stream_reader();
      },
      [&] { stream.reset(); },
      [&] {
        Bytes into(3);
        const IoResult result = reader.read_for(into, 20us);
        CHECK(result.n == 0);
        const bool known = result.error == timed_out() || result.error == errc::cancelled ||
                           result.error == errc::closed;
        CHECK(known);
      },
      [&] { CHECK(reader.close() == std::error_code()); });
}

}  // namespace
