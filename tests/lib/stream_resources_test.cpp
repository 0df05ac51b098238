// SPDX-License-Identifier: Apache-2.0
//
// What streams cost and leave behind, streams over streams, and many readers at once. No thread,
// descriptor or memory may be left, whatever the source was doing at the end.
#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <vector>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace support;

/// A stream that is dropped while its source is in the middle of something.
void open_and_abandon(std::size_t kind, int idle_pipe) {
  std::optional<AsyncStream> stream;
  switch (kind % 5) {
    case 0:  // the source waits for bytes that never come
      stream = AsyncStream::from_reader(100, pulled(make_feed()));
      break;
    case 1:  // in the kernel
      stream = AsyncStream::from_reader(100, std::make_unique<asyncstream::FdSource>(idle_pipe));
      break;
    case 2:  // the source has more than it can pass on
      stream = AsyncStream::from_reader(
          1 << 20, source_of([](std::span<std::byte>, const std::stop_token&) { return got(1); }));
      break;
    case 3:  // a push source that waits
      stream = AsyncStream::from_reader(100, pushed(make_feed()));
      break;
    default:  // the source is another stream's reader
      AsyncStream first = AsyncStream::from_reader(100, pulled(make_feed()));
      stream = AsyncStream::from_reader(100, asyncstream::source_from(first.make_stream_reader()));
      std::swap(first, *stream);
  }
  if (kind % 3 == 0) {
    StreamReader reader = stream->make_stream_reader();
    Bytes into(9);
    (void)reader.read_for(into, std::chrono::nanoseconds(0));
  }
  if (kind % 2 == 0) CHECK(stream->close() == std::error_code());
}

TEST_CASE("S25 A12 A13 A21: ten thousand streams with unfinished sources leave nothing behind") {
  extend_deadline(std::chrono::seconds(110));
  int idle_pipe[2];
  REQUIRE(pipe(idle_pipe) == 0);
  for (std::size_t kind = 0; kind < 30; ++kind) open_and_abandon(kind, idle_pipe[0]);
  const Resources before = Resources::now();
  const std::size_t rounds = scaled(10'000);
  for (std::size_t kind = 0; kind < rounds; ++kind) open_and_abandon(kind, idle_pipe[0]);
  before.wait_for_threads();
  const Resources after = Resources::now();
  CHECK(after.threads <= before.threads);
  CHECK(parked_threads() <= csp::detail::seam::kMostParked);
  CHECK(after.descriptors == before.descriptors);
  CHECK(after.pieces == before.pieces);
  ::close(idle_pipe[0]);
  ::close(idle_pipe[1]);
}

TEST_CASE("A21 Q40: a read of bytes that are there allocates nothing") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(1 << 20, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  CHECK(feed.send({bytes(10'000)}) == csp::Outcome::ok);
  Bytes into(1);
  CHECK(reader.read(into) == got(1));
  wait_for_bytes(stream, 10'000);
  CHECK(reader.read_for(into, std::chrono::hours(1)) == got(1));
  const Allocations before = allocations_everywhere();
  for (int i = 0; i < 1000; ++i) {
    CHECK_UNARY(reader.read(into).n == 1);
    if (reader.view(1).bytes.size() != 1) FAIL("no view");
  }
  CHECK((allocations_everywhere() - before).made < 100);  // doctest's own, if any
}

TEST_CASE("A21: a closed reader leaves nothing behind") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  const auto visit = [&] { CHECK_UNARY(read_all(stream).bytes.size() == 9); };
  visit();
  const Resources before = Resources::now();
  for (std::size_t i = scaled(2000); i > 0; --i) visit();
  // transfer may still hold the last request for an instant.
  wait_until([&] { return Resources::now().pieces <= before.pieces; });
}

TEST_CASE("A11 A21: nothing is kept of closed readers, though the source gives nothing") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  Bytes into(1);
  std::stop_source stop;
  const auto visit = [&](std::stop_token token) {
    StreamReader reader = stream.make_stream_reader("visitor");
    Threads threads;
    threads.run([&] { CHECK(reader.read(into, token) == nothing(errc::closed)); });
    wait_for_reader("visitor");
    CHECK(reader.close() == std::error_code());
    threads.join();
    CHECK(reader.read(into, token) == nothing(errc::closed));  // it sends a request all the same
  };
  const auto visits = [&] {
    visit({});
    visit(stop.get_token());
  };
  for (int i = 0; i < 9; ++i) visits();
  const Resources before = Resources::now();
  for (std::size_t i = scaled(100); i > 0; --i) visits();
  wait_until([&] { return Resources::now().pieces <= before.pieces; });
  CHECK(feed.send({bytes(1)}) == csp::Outcome::ok);
  CHECK(stream.make_stream_reader().read(into) == got(1));
}

TEST_CASE("A16: a read for which there is no memory to wait fails, and the stream continues") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  Bytes into(9);
  wait_for_sleepers("recv feed");
  fail_next_elsewhere();  // transfer keeps the request
  CHECK(reader.read(into) == nothing(std::make_error_code(std::errc::not_enough_memory)));
  CHECK(feed.send({bytes(4)}) == csp::Outcome::ok);
  CHECK(reader.read(into) == got(4));
  CHECK(reader.close() == std::error_code());
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("S25 A22: a reader is the source of another stream, of any buffer size") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{999}, std::size_t{1000}, std::size_t{1001}}) {
    CAPTURE(size);
    AsyncStream first = AsyncStream::from_slice(bytes(1000));
    AsyncStream second = AsyncStream::from_reader(
        size, asyncstream::source_from(first.make_stream_reader()), {.drain_before_error = true});
    const Whole whole = read_all(second);
    CHECK(whole.bytes == bytes(std::min<std::size_t>(size, 1000)));
    CHECK(whole.error == (size >= 1000 ? errc::eof : errc::short_buffer));
    CHECK(second.close() == std::error_code());  // gives the first one's reader back
    CHECK(first.close() == std::error_code());
  }
}

TEST_CASE("S25 A22 Q13: a chain of streams passes bytes on as they come, and errors") {
  const Feed feed = make_feed();
  std::vector<AsyncStream> chain;
  chain.push_back(AsyncStream::from_reader(100, pulled(feed), {.drain_before_error = true}));
  for (int i = 0; i < 5; ++i) {
    chain.push_back(
        AsyncStream::from_reader(100, asyncstream::source_from(chain.back().make_stream_reader()),
                                 {.drain_before_error = true}));
  }
  StreamReader reader = chain.back().make_stream_reader();
  Bytes into(10);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(feed.send({bytes(10, 10 * i)}) == csp::Outcome::ok);
    CHECK(reader.read(into) == got(10));
    CHECK(into == bytes(10, 10 * i));
  }
  CHECK(feed.send({{}, io_error()}) == csp::Outcome::ok);
  CHECK(reader.read(into) == nothing(io_error()));
  reader = {};
  while (!chain.empty()) {
    CHECK(chain.back().close() == std::error_code());
    chain.pop_back();
  }
}

TEST_CASE("A22 A12: a stream over a stream that waits closes at once, and the first one stays") {
  const Feed feed = make_feed();
  AsyncStream first = AsyncStream::from_reader(100, pulled(feed));
  {
    AsyncStream second =
        AsyncStream::from_reader(100, asyncstream::source_from(first.make_stream_reader("inner")));
    wait_for_reader("inner");
    CHECK(second.close() == std::error_code());
  }
  CHECK(first.reader_count() == 0);
  CHECK(feed.send({bytes(5)}) == csp::Outcome::ok);
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(read_all(first).bytes == bytes(5));
}

TEST_CASE("A22 A10: cancelling the first of a chain ends the last") {
  AsyncStream first = AsyncStream::from_reader(100, pulled(make_feed()));
  AsyncStream second =
      AsyncStream::from_reader(100, asyncstream::source_from(first.make_stream_reader()));
  StreamReader reader = second.make_stream_reader("a");
  Threads threads;
  threads.run([&] { CHECK(read_all(reader).error == io_error()); });
  wait_for_reader("a");
  first.cancel(io_error());
}

TEST_CASE("A17 Q31: many readers, each on its own thread, open, read and close and see the same") {
  const std::size_t size = 20'000;
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(size, pulled(feed), {.max_readers = 4});
  Threads threads;
  threads.run_each(8, [&](int thread) {
    std::mt19937_64 random = generator(std::uint64_t(thread));
    for (std::size_t round = scaled(20) + 1; round > 0; --round) {
      StreamReader reader = stream.make_stream_reader();
      CHECK(read_all(reader, 1 + random() % 5000).bytes == bytes(size));
    }
  });
  std::mt19937_64 random = generator(99);
  for (std::size_t fed = 0; fed < size;) {
    const std::size_t piece = std::min<std::size_t>(size - fed, random() % 500);
    CHECK(feed.send({bytes(piece, fed)}) == csp::Outcome::ok);
    fed += piece;
  }
  CHECK(feed.close() == csp::Outcome::ok);
  threads.join();
  CHECK(stream.close() == std::error_code());
}

}  // namespace
