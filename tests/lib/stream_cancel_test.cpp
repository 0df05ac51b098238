// SPDX-License-Identifier: Apache-2.0
//
// AsyncStream::cancel at every point: reads that wait, opens that wait, a source in a read, a
// stream that has ended, two cancels at once, and a close after it.
#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <vector>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using namespace std::chrono_literals;

TEST_CASE("A10 A16: cancel ends 100 reads that wait, and the open of the 101st") {
  AsyncStream stream = AsyncStream::from_reader(9, pulled(make_feed()));
  std::vector<StreamReader> readers;
  for (int i = 0; i < 100; ++i) readers.push_back(stream.make_stream_reader("a"));
  Threads threads;
  threads.run_each(100, [&](int i) {
    Bytes into(3);
    CHECK(readers[std::size_t(i)].read(into) == nothing(io_error()));
    CHECK(readers[std::size_t(i)].close() == std::error_code());
  });
  threads.run([&] { CHECK(stream.make_stream_reader_for(1h).error == io_error()); });
  wait_for_sleepers("recv responses:a", 100);
  wait_for_sleepers("send add_reader");
  stream.cancel(io_error());
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A10: cancel asks the source to stop and waits for no reader, and a close can follow") {
  AsyncStream stream = AsyncStream::from_reader(9, pulled(make_feed()));
  wait_for_sleepers("recv feed");
  StreamReader reader = stream.make_stream_reader();
  stream.cancel();
  wait_for_sleepers("recv feed", 0);
  CHECK(stream.status() == errc::cancelled);
  Bytes into(3);
  CHECK(reader.read(into) == nothing(errc::cancelled));
  CHECK(reader.close() == std::error_code());
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A10: cancel answers waiting reads even if the source ignores it") {
  const csp::Channel<void> gate = csp::Channel<void>::make("gate");
  AsyncStream stream = AsyncStream::from_reader(
      9, std::make_unique<FunctionSource>([gate](std::span<std::byte>, const std::stop_token&) {
        (void)gate.receive();
        return IoResult{0, errc::eof};
      }));
  StreamReader reader = stream.make_stream_reader("a");
  Threads threads;
  threads.run([&] {
    Bytes into(3);
    CHECK(reader.read(into) == nothing(errc::cancelled));
  });
  wait_for_sleepers("recv responses:a");
  wait_for_sleepers("recv gate");
  stream.cancel();
  threads.join();
  CHECK(gate.close() == csp::Outcome::ok);
  CHECK(reader.close() == std::error_code());
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A10: a source that ignores a cancel is not read again") {
  const csp::Channel<void> gate = csp::Channel<void>::make("gate");
  std::atomic<int> reads{0};
  AsyncStream stream = AsyncStream::from_reader(
      9, std::make_unique<FunctionSource>([&](std::span<std::byte>, const std::stop_token&) {
        ++reads;
        (void)gate.receive();
        return IoResult{1, {}};
      }));
  wait_for_sleepers("recv gate");
  stream.cancel();
  CHECK(gate.close() == csp::Outcome::ok);
  CHECK(csp::wait_until_idle(csp::Clock::time_point::max()));
  CHECK(reads == 1);
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A10: the first cancel counts, and a cancel without an error is errc::cancelled") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  stream.cancel(std::error_code());
  stream.cancel(io_error());
  CHECK(stream.status() == errc::cancelled);
  CHECK(stream.make_stream_reader_for(1h).error == errc::cancelled);
}

TEST_CASE("A4 A10: an error that the stream ended with stays, a good end does not") {
  AsyncStream failed = AsyncStream::from_reader(9, pulled(script({{bytes(2), io_error()}})));
  StreamReader of_failed = failed.make_stream_reader();
  wait_for_status(failed);
  failed.cancel();
  Bytes into(3);
  CHECK(of_failed.read(into) == nothing(io_error()));

  AsyncStream ended = AsyncStream::from_slice(bytes(9));
  StreamReader of_ended = ended.make_stream_reader();
  CHECK(of_ended.read(into) == got(3));
  ended.cancel();
  CHECK(of_ended.read(into) == nothing(errc::cancelled));
}

TEST_CASE("A4 A10: with drain_before_error a cancel also comes after the buffered bytes") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9), {.drain_before_error = true});
  StreamReader reader = stream.make_stream_reader();
  stream.cancel();
  const Whole whole = read_all(reader);
  CHECK(whole.bytes == bytes(9));
  CHECK(whole.error == errc::cancelled);
}

TEST_CASE("A10 D5: cancel of a closed stream does nothing") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  CHECK(stream.close() == std::error_code());
  stream.cancel();
  CHECK(stream.status() == errc::closed);
  CHECK(stream.close() == errc::already_closed);
}

TEST_CASE("A10: cancel works while a close waits for a reader that waits for the source") {
  AsyncStream stream = AsyncStream::from_reader(9, pulled(make_feed()));
  StreamReader reader = stream.make_stream_reader("a");
  Threads threads;
  threads.run([&] { CHECK(stream.close() == std::error_code()); });
  threads.run([&] {
    CHECK(read_all(reader).error == errc::cancelled);
    CHECK(reader.close() == std::error_code());
  });
  wait_for_sleepers("send wait_zero_readers");
  wait_for_reader("a");
  stream.cancel();
}

TEST_CASE("A10 A16: in a race of a cancel and bytes the read returns one or the other") {
  std::optional<AsyncStream> stream;
  Feed feed;
  race(
      scaled(500),
      [&] {
        feed = make_feed(1);
        stream = AsyncStream::from_reader(9, pulled(feed));
      },
      [&] {
        (void)feed.send({bytes(1)});
        stream->cancel(io_error());
      },
      [&] {
        asyncstream::OpenResult result = stream->make_stream_reader_for(1h);
        if (result.error) {
          CHECK(result.error == io_error());
          return;
        }
        Bytes into(9);
        const IoResult read = result.reader.read(into);
        CHECK((read == got(1) || read == nothing(io_error())));
        CHECK(result.reader.read(into) == nothing(io_error()));
      },
      [&] { CHECK(stream->close() == std::error_code()); });
}

TEST_CASE("A10 A17: of concurrent cancels one counts, for readers and opens alike") {
  std::optional<AsyncStream> stream;
  const std::error_code other = errc::no_progress;
  race(
      scaled(500), [&] { stream = AsyncStream::from_slice(bytes(9)); },
      [&] { stream->cancel(io_error()); }, [&] { stream->cancel(other); },
      [&] {
        const std::error_code status = stream->status();
        CHECK((status == io_error() || status == other));
        CHECK(stream->try_make_stream_reader().error == status);
      });
}

}  // namespace
