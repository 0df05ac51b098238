// SPDX-License-Identifier: Apache-2.0
//
// AsyncStream as a whole: what its readers see of a source, from the first byte to the status, and
// what the stream reports about itself. Opening, closing and cancelling have files of their own.
#include "asyncstream/async_stream.hpp"

#include <doctest/doctest.h>

#include <csp/trace.hpp>
#include <stdexcept>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;

TEST_CASE("A1: every reader, whenever made, sees the source's bytes from the first") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(1000, pulled(feed));
  StreamReader early = stream.make_stream_reader();
  CHECK(feed.send({bytes(300)}) == csp::Outcome::ok);
  wait_for_bytes(stream, 300);
  StreamReader midway = stream.make_stream_reader();
  CHECK(feed.send({bytes(300, 300)}) == csp::Outcome::ok);
  CHECK(feed.close() == csp::Outcome::ok);
  wait_for_status(stream);
  for (StreamReader* reader : {&early, &midway}) {
    const Whole whole = read_all(*reader, 7);
    CHECK(whole.bytes == bytes(600));
    CHECK(whole.error == errc::eof);
  }
  CHECK(read_all(stream).bytes == bytes(600));
}

TEST_CASE("A3: bytes can be read after each source read, long before the end") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(1'000'000, pulled(feed));
  StreamReader reader = stream.make_stream_reader();
  std::size_t total = 0;
  for (const std::size_t size : {1, 2, 1000, 65536, 65537, 200'000}) {
    CHECK(feed.send({bytes(size, total)}) == csp::Outcome::ok);
    total += size;
    while (reader.offset() < total) {
      const asyncstream::View view = reader.view(SIZE_MAX);
      CHECK(!view.bytes.empty());
      CHECK(same(view.bytes, bytes(view.bytes.size(), reader.offset() - view.bytes.size())));
    }
  }
}

TEST_CASE("A3 Q14: a push source is shown whole, at its end") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pushed(feed));
  StreamReader reader = stream.make_stream_reader("a");
  Threads threads;
  threads.run([&] { CHECK(read_all(reader).bytes == bytes(9)); });
  CHECK(feed.send({bytes(4)}) == csp::Outcome::ok);
  CHECK(feed.send({bytes(5, 4)}) == csp::Outcome::ok);
  wait_for_reader("a");
  CHECK(stream.buffered() == 0);
  CHECK(feed.close() == csp::Outcome::ok);
}

TEST_CASE("A4: the end is repeated for ever, to every reader") {
  AsyncStream stream = AsyncStream::from_reader(100, pulled(script({{bytes(5)}})));
  for (int i = 0; i < 3; ++i) {
    StreamReader reader = stream.make_stream_reader();
    CHECK(read_all(reader).bytes == bytes(5));
    Bytes into(9);
    for (int again = 0; again < 3; ++again) CHECK(reader.read(into) == nothing(errc::eof));
  }
}

TEST_CASE("A4 Q2: an error precedes the buffered bytes; with drain_before_error it follows") {
  for (const bool drain : {false, true}) {
    CAPTURE(drain);
    AsyncStream stream = AsyncStream::from_reader(
        100, pulled(script({{bytes(5)}, {{}, io_error()}})), {.drain_before_error = drain});
    wait_for_status(stream);
    for (int i = 0; i < 3; ++i) {
      const Whole whole = read_all(stream, 2);
      CHECK(whole.bytes == bytes(drain ? 5 : 0));
      CHECK(whole.error == io_error());
    }
    CHECK(stream.buffered() == 5);
  }
}

TEST_CASE("A5 Q7: a source as long as the buffer ends with eof, a longer one with short_buffer") {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{65536}, std::size_t{300'000}}) {
    CAPTURE(size);
    AsyncStream fits = AsyncStream::from_reader(size, pulled(script({{bytes(size)}})));
    CHECK(read_all(fits).bytes == bytes(size));
    AsyncStream spare = AsyncStream::from_reader(size + 1, pulled(script({{bytes(size)}})));
    CHECK(read_all(spare).error == errc::eof);
    AsyncStream longer = AsyncStream::from_reader(size, pulled(script({{bytes(size + 1)}})),
                                                  {.drain_before_error = true});
    const Whole whole = read_all(longer);
    CHECK(whole.bytes == bytes(size));
    CHECK(whole.error == errc::short_buffer);
  }
}

TEST_CASE("A6 Q36: from memory, owned or borrowed, all bytes are there at once and in place") {
  const Bytes all = bytes(100);
  AsyncStream borrowed = AsyncStream::from_view(all);
  Bytes given = all;
  const std::byte* const place = given.data();
  AsyncStream owned = AsyncStream::from_slice(std::move(given));
  for (AsyncStream* stream : {&borrowed, &owned}) {
    CHECK(stream->buffered() == 100);
    CHECK(stream->capacity() == 100);
    CHECK(stream->status() == errc::eof);
    CHECK(read_all(*stream).bytes == all);
  }
  CHECK(borrowed.make_stream_reader().view(1).bytes.data() == all.data());
  CHECK(owned.make_stream_reader().view(1).bytes.data() == place);
  AsyncStream empty = AsyncStream::from_slice({});
  CHECK(read_all(empty).error == errc::eof);
}

TEST_CASE("A6 A21 Q37: three threads serve a stream, named as in Go; from memory it is two") {
  for (const bool with_source : {true, false}) {
    CAPTURE(with_source);
    AsyncStream stream = with_source ? AsyncStream::from_reader(9, pulled(make_feed()))
                                     : AsyncStream::from_slice(bytes(9));
    wait_for_sleepers("recv requests");
    wait_for_sleepers("recv slices", with_source ? 1 : 0);
    wait_for_sleepers("recv add_reader");
    CHECK(threads_named("transfer") == 1);
    CHECK(threads_named("readersMonitor") == 1);
    wait_until([&] { return threads_named("readIntoBuffer") == (with_source ? 1U : 0U); });
    CHECK(stream.close() == std::error_code());
    // The channels close when the processes have ended; their threads lose their names a moment
    // later.
    wait_until([] { return threads_named("transfer") + threads_named("readersMonitor") == 0; });
  }
}

TEST_CASE("A7 Q30: a stalled reader delays neither the source nor other readers") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  StreamReader stalled = stream.make_stream_reader();
  Bytes into(9);
  CHECK(stalled.read_for(into, std::chrono::nanoseconds(1)) == nothing(timed_out()));
  StreamReader abandoned = stream.make_stream_reader();
  for (std::size_t i = 0; i < 50; ++i) CHECK(feed.send({bytes(1, i)}) == csp::Outcome::ok);
  CHECK(feed.close() == csp::Outcome::ok);
  CHECK(read_all(stream).bytes == bytes(50));
  CHECK(read_all(stalled).bytes == bytes(50));
}

TEST_CASE("A15 Q35: a null source is refused immediately") {
  CHECK_THROWS_AS(AsyncStream::from_reader(9, nullptr), std::invalid_argument);
}

TEST_CASE("A15: an exception of the source is kept, and its error with it") {
  AsyncStream stream = AsyncStream::from_reader(
      9, pulled(script({{.throws = std::make_exception_ptr(std::runtime_error("broken"))}})));
  CHECK(read_all(stream).error == errc::invalid_source);
  CHECK_THROWS_WITH_AS(std::rethrow_exception(stream.exception()), "broken", std::runtime_error);
  AsyncStream well = AsyncStream::from_slice(bytes(1));
  CHECK(!well.exception());
}

TEST_CASE("A21 Q36: a buffer of 64 GiB costs only what is written to it") {
  AsyncStream stream =
      AsyncStream::from_reader(std::size_t{1} << 36, pulled(script({{bytes(100'000)}})));
  CHECK(stream.capacity() == std::size_t{1} << 36);
  CHECK(read_all(stream).bytes == bytes(100'000));
  CHECK_THROWS_AS(AsyncStream::from_reader(SIZE_MAX, pulled(script({}))), std::bad_alloc);
}

TEST_CASE("A12 A16: the stream reports how far it is, and after close that it is closed") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(64, pulled(feed));
  CHECK(stream.buffered() == 0);
  CHECK(stream.status() == std::error_code());
  CHECK(stream.reader_count() == 0);
  CHECK(feed.send({bytes(10)}) == csp::Outcome::ok);
  wait_for_bytes(stream, 10);
  {
    const StreamReader one = stream.make_stream_reader();
    const StreamReader two = stream.make_stream_reader();
    CHECK(stream.reader_count() == 2);
  }
  CHECK(stream.reader_count() == 0);
  CHECK(feed.close() == csp::Outcome::ok);
  wait_for_status(stream);
  CHECK(stream.status() == errc::eof);
  CHECK(stream.close() == std::error_code());
  CHECK(stream.status() == errc::closed);
  CHECK(stream.buffered() == 0);
  CHECK(stream.reader_count() == 0);
  CHECK(!stream.exception());
  CHECK(stream.capacity() == 64);
}

TEST_CASE("A1: a label precedes the names of a stream's channels") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(64, pulled(feed), {.label = "logs"});
  StreamReader reader = stream.make_stream_reader("a");
  Threads threads;
  threads.run([&] { CHECK(read_all(reader).error == errc::eof); });
  wait_for_sleepers("recv logs/responses:a");
  wait_for_sleepers("recv logs/requests");
  wait_for_sleepers("recv logs/add_reader");
  CHECK(feed.close() == csp::Outcome::ok);
}

TEST_CASE("A1: a trace shows stream and channel correctly, whatever the label and reader names") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const std::string label = "https://example.org/" + std::string(100, 'x');
  {
    const csp::Attachment trace = csp::attach(recorder, {.channels = {"*/requests"}});
    AsyncStream stream = AsyncStream::from_slice(bytes_of("abc"), {.label = label});
    StreamReader reader = stream.make_stream_reader("out/a");
    CHECK(read_all(reader).error == errc::eof);
    CHECK(reader.close() == std::error_code());
    CHECK(stream.close() == std::error_code());
  }
  const std::vector<csp::Event> events = recorder->take();
  REQUIRE(!events.empty());
  for (const csp::Event& event : events) {
    CHECK(event.channel.view() == "https___example.org_xxxxxxxxx/requests");
    CHECK((event.process.view() == "https___example.org_xxxxxxxxx/transfer" ||
           event.process.view() == csp::Process::current_name()));
    if (event.op != csp::Op::send) continue;
    const std::string_view text =
        event.message.text(std::get<csp::Fields::Text>(event.message.all().back().value));
    CHECK(text == "responses:out/a");
  }
}

}  // namespace
