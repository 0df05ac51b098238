// SPDX-License-Identifier: Apache-2.0
//
// Several closes of one stream: one after the other, concurrently, beside a timed one, and by its
// own source.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csp/outcome.hpp>
#include <vector>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using namespace std::chrono_literals;

TEST_CASE("A9 Q22: a stream is closed once; later calls say already_closed") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  CHECK(stream.close() == std::error_code());
  for (int i = 0; i < 3; ++i) CHECK(stream.close() == errc::already_closed);
  CHECK(stream.close_for(1h) == errc::already_closed);
}

TEST_CASE("A9 Q23: of many concurrent closes exactly one succeeds, the others return at once") {
  for (std::size_t i = scaled(200); i > 0; --i) {
    AsyncStream stream = AsyncStream::from_reader(9, pulled(make_feed()));
    std::atomic<int> succeeded{0}, refused{0};
    Threads threads;
    threads.run_each(3, [&](int) {
      const std::error_code error = stream.close();
      if (!error) ++succeeded;
      if (error == errc::already_closed) ++refused;
    });
    threads.join();
    CHECK(succeeded == 1);
    CHECK(refused == 2);
  }
}

TEST_CASE("A9: while one close waits for readers another is already_closed, and does not wait") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  StreamReader reader = stream.make_stream_reader();
  Threads threads;
  threads.run([&] { CHECK(stream.close() == std::error_code()); });
  wait_for_sleepers("send wait_zero_readers");
  CHECK(stream.close() == errc::already_closed);
  CHECK(reader.close() == std::error_code());
}

TEST_CASE("A9: a close beside a timed one waits, and closes if the timed one gives up") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  StreamReader reader = stream.make_stream_reader();
  Threads timed, other;
  std::atomic<bool> gave_up{false};
  timed.run([&] {
    CHECK(stream.close_for(20ms) == timed_out());
    gave_up = true;
  });
  wait_until([&] { return sleepers_at("send wait_zero_readers") == 1 || gave_up; });
  other.run([&] { CHECK(stream.close() == std::error_code()); });
  timed.join();
  wait_for_sleepers("send wait_zero_readers");
  CHECK(reader.close() == std::error_code());
}

TEST_CASE("A9: a close beside a timed one that succeeds is already_closed, or times out before") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  StreamReader reader = stream.make_stream_reader();
  Threads threads;
  threads.run([&] { CHECK(stream.close_for(1h) == std::error_code()); });
  wait_for_sleepers("send wait_zero_readers");
  threads.run([&] { CHECK(stream.close() == errc::already_closed); });
  CHECK(stream.close_for(0s) == timed_out());
  CHECK(stream.close_for(1ms) == timed_out());
  wait_for_sleepers("recv (no name)");
  CHECK(reader.close() == std::error_code());
}

TEST_CASE("A9: a source may call anything of its own stream while that closes") {
  struct Shared {
    csp::Channel<AsyncStream*> stream = csp::Channel<AsyncStream*>::make("stream");
    std::size_t readers = 1;
    std::error_code status, closed;
  } shared;
  AsyncStream stream = AsyncStream::from_reader(
      9, std::make_unique<FunctionSource>([&](std::span<std::byte>, const std::stop_token& stop) {
        AsyncStream* const own = *shared.stream.receive();
        const csp::Channel<void> stopped = csp::Channel<void>::make("stopped", 1);
        const std::stop_callback tell(stop, [&] { (void)stopped.send(); });
        (void)stopped.receive();
        shared.readers = own->reader_count();
        shared.status = own->status();
        shared.closed = own->close();
        return IoResult{0, errc::cancelled};
      }));
  CHECK(shared.stream.send(&stream) == csp::Outcome::ok);  // it reads
  CHECK(stream.close() == std::error_code());
  CHECK(shared.readers == 0);
  CHECK(shared.status == errc::closed);
  CHECK(shared.closed == errc::already_closed);
}

TEST_CASE("A12: a source that closes its own stream gets an error instead of a deadlock") {
  const csp::Channel<AsyncStream*> given = csp::Channel<AsyncStream*>::make("given", 1);
  const csp::Channel<void> told = csp::Channel<void>::make("told", 1);
  AsyncStream stream = AsyncStream::from_reader(
      9, std::make_unique<FunctionSource>([&](std::span<std::byte>, const std::stop_token&) {
        CHECK_THROWS_AS((void)(*given.receive())->close(), csp::Misuse);
        (void)told.send();
        return IoResult{0, errc::eof};
      }));
  CHECK(given.send(&stream) == csp::Outcome::ok);
  (void)told.receive();
  CHECK(stream.close() == errc::already_closed);
}

}  // namespace
