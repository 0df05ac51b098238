// SPDX-License-Identifier: Apache-2.0
//
// Closing a stream at every point of its life: while the source reads, while readers wait, in a
// race with an open, with a deadline, and by destruction. After each, nothing of the library is
// left: the source is destroyed and the threads have ended. (stream_closes_test.cpp tests several
// closes of one stream.)
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <vector>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using namespace std::chrono_literals;

/// A source that waits for its stop request and shows when it is destroyed.
class Watched : public ScriptedSource {
 public:
  Watched(Feed feed, std::atomic<int>& alive) : ScriptedSource(std::move(feed)), alive_(alive) {
    ++alive_;
  }
  ~Watched() override { --alive_; }

 private:
  std::atomic<int>& alive_;
};

TEST_CASE("D2 A12 Q27 Q28: close interrupts a source that reads, joins it and destroys it") {
  std::atomic<int> alive{0};
  const Resources before = Resources::now();
  AsyncStream stream = AsyncStream::from_reader(9, std::make_unique<Watched>(make_feed(), alive));
  wait_for_sleepers("recv feed");
  CHECK(alive == 1);
  CHECK(stream.close() == std::error_code());
  CHECK(alive == 0);
  before.wait_for_threads();
}

TEST_CASE("D2 A12 Q27: close ends a source whose slices are no longer received") {
  for (std::size_t i = scaled(200); i > 0; --i) {
    std::size_t given = 0;
    AsyncStream stream = AsyncStream::from_reader(
        1 << 20, source_of([&](std::span<std::byte> into, const std::stop_token&) {
          into[0] = byte_at(given++);
          return got(1);
        }));
    if (i % 2 == 0) wait_for_bytes(stream, i % 50);
    CHECK(stream.close() == std::error_code());
    CHECK(given <= 1 << 20);  // unsynchronized: a sanitizer sees whether the thread has ended
  }
}

TEST_CASE("A9 Q24 Q29: close waits until no reader is left") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  StreamReader first = stream.make_stream_reader();
  StreamReader second = stream.make_stream_reader();
  std::atomic<bool> closed{false};
  Threads threads;
  threads.run([&] {
    CHECK(stream.close() == std::error_code());
    closed = true;
  });
  wait_for_sleepers("send wait_zero_readers");
  CHECK(first.close() == std::error_code());
  CHECK(stream.reader_count() == 1);
  CHECK(read_all(second).bytes == bytes(9));
  CHECK(!closed);
  CHECK(second.close() == std::error_code());
  threads.join();
  CHECK(closed);
}

TEST_CASE("A9 Q25: an open in a race with close gets a reader that works, or errc::closed") {
  std::optional<AsyncStream> stream;
  race(
      scaled(500), [&] { stream = AsyncStream::from_slice(bytes(9)); },
      [&] { CHECK(stream->close() == std::error_code()); },
      [&] {
        asyncstream::OpenResult result = stream->make_stream_reader_for(1h);
        if (result.error) {
          CHECK(result.error == errc::closed);
        } else {
          CHECK(read_all(result.reader).bytes == bytes(9));
          CHECK(result.reader.close() == std::error_code());
        }
      },
      [&] { CHECK(stream->try_make_stream_reader().error == errc::closed); });
}

TEST_CASE("A10: a timed close that gives up changes nothing; it closes when it can") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  StreamReader reader = stream.make_stream_reader();
  const StreamReader::Clock::time_point begin = StreamReader::Clock::now();
  CHECK(stream.close_for(10ms) == timed_out());
  CHECK(StreamReader::Clock::now() - begin >= 10ms);
  CHECK(stream.close_for(0s) == timed_out());
  CHECK(read_all(reader).bytes == bytes(9));
  CHECK(read_all(stream).bytes == bytes(9));
  CHECK(reader.close() == std::error_code());
  CHECK(stream.close_for(1h) == std::error_code());
  CHECK(stream.close_for(1h) == errc::already_closed);
}

TEST_CASE("A10: a close that may not wait closes a stream without readers") {
  for (std::size_t i = scaled(300); i > 0; --i) {
    AsyncStream stream = AsyncStream::from_slice(bytes(9));
    if (i % 2 == 0) CHECK(read_all(stream).bytes == bytes(9));
    CHECK(stream.close_for(0s) == std::error_code());
  }
}

TEST_CASE("A13 A16: destroying a stream ends all waiting reads, 0, 1 or 100, and joins") {
  for (const int readers : {0, 1, 100}) {
    CAPTURE(readers);
    const Resources before = Resources::now();
    std::atomic<int> alive{0};
    {
      Threads threads;
      std::optional<AsyncStream> stream =
          AsyncStream::from_reader(9, std::make_unique<Watched>(make_feed(), alive));
      std::vector<StreamReader> open;
      for (int i = 0; i < readers; ++i) open.push_back(stream->make_stream_reader("a"));
      threads.run_each(readers, [&](int i) {
        Bytes into(3);
        CHECK(open[std::size_t(i)].read(into) == nothing(errc::cancelled));
        wait_until([&] { return alive == 0; });  // until then it says cancelled repeatedly
        CHECK(open[std::size_t(i)].read(into) == nothing(errc::closed));
        CHECK(open[std::size_t(i)].close() == std::error_code());
      });
      wait_for_sleepers("recv responses:a", std::size_t(readers));
      stream.reset();
      CHECK(alive == 0);
      threads.join();
    }
    before.wait_for_threads();
  }
}

TEST_CASE("A13: assigning to a stream ends it as destruction does; a moved stream continues") {
  AsyncStream stream = AsyncStream::from_reader(9, pulled(make_feed()));
  StreamReader old = stream.make_stream_reader();
  stream = AsyncStream::from_slice(bytes(9));
  Bytes into(3);
  CHECK(old.read(into).error);
  AsyncStream moved = std::move(stream);
  CHECK(read_all(moved).bytes == bytes(9));
  CHECK(moved.close() == std::error_code());
  // A stream that was moved from behaves as a closed one.
  for (AsyncStream* const gone : {&stream, &moved}) {
    CHECK(gone->close() == errc::already_closed);
    CHECK(gone->close_for(std::chrono::hours(1)) == errc::already_closed);
    CHECK(gone->try_make_stream_reader().error == errc::closed);
    CHECK_THROWS_AS((void)gone->make_stream_reader(), std::system_error);
    gone->cancel();
    CHECK(gone->status() == errc::closed);
    CHECK(gone->exception() == nullptr);
    CHECK(gone->buffered() == 0);
    CHECK(gone->reader_count() == 0);
  }
  CHECK(stream.capacity() == 0);
}

TEST_CASE("A13: streams and readers can be destroyed by an exception, in any order") {
  std::atomic<int> alive{0};
  const auto unwind = [&](bool reader_first) {
    StreamReader outer;
    AsyncStream stream = AsyncStream::from_reader(9, std::make_unique<Watched>(make_feed(), alive));
    StreamReader inner = stream.make_stream_reader();
    if (reader_first) outer = std::move(inner);
    throw std::runtime_error("on the way");
  };
  CHECK_THROWS_AS(unwind(false), std::runtime_error);
  CHECK_THROWS_AS(unwind(true), std::runtime_error);
  CHECK(alive == 0);
}

TEST_CASE("A18: what a reader did before its close is seen after the stream's close") {
  int plain = 0;  // no atomic: the close orders it
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  StreamReader reader = stream.make_stream_reader();
  Threads threads;
  threads.run([&] {
    plain = 42;
    (void)reader.close();
  });
  CHECK(stream.close() == std::error_code());
  CHECK(plain == 42);
}

TEST_CASE("A12: a source that cannot be interrupted delays close until its read returns") {
  const csp::Channel<void> gate = csp::Channel<void>::make("gate");
  std::atomic<bool> returned{false};
  AsyncStream stream =
      AsyncStream::from_reader(9, source_of([&](std::span<std::byte>, const std::stop_token&) {
                                 (void)gate.receive();
                                 returned = true;
                                 return nothing(errc::eof);
                               }));
  wait_for_sleepers("recv gate");
  Threads threads;
  threads.run([&] {
    CHECK(stream.close() == std::error_code());
    CHECK(returned);
  });
  // The close has begun: no reader is admitted any more.
  wait_until([&] { return stream.try_make_stream_reader().error == errc::closed; });
  CHECK(!returned);
  CHECK(gate.send() == csp::Outcome::ok);
}

}  // namespace
