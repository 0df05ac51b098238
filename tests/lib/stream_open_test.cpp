// SPDX-License-Identifier: Apache-2.0
//
// Opening readers: the limit, the forms that do not wait or wait for a limited time, and what a
// closed or cancelled stream returns to each of them.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <new>
#include <system_error>
#include <vector>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using namespace std::chrono_literals;
using asyncstream::OpenResult;

const std::error_code kFull = std::make_error_code(std::errc::resource_unavailable_try_again);

std::error_code code_thrown_by_open(AsyncStream& stream) {
  try {
    (void)stream.make_stream_reader();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

TEST_CASE("A8: 100 readers may be open by default, the next waits until one is closed") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  std::vector<StreamReader> readers;
  for (int i = 0; i < 100; ++i) readers.push_back(stream.make_stream_reader());
  CHECK(stream.reader_count() == 100);
  CHECK(stream.try_make_stream_reader().error == kFull);
  Threads threads;
  threads.run([&] { CHECK(read_all(stream).bytes == bytes(9)); });
  wait_for_sleepers("send add_reader");
  CHECK(stream.reader_count() == 100);
  CHECK(readers[50].close() == std::error_code());
}

TEST_CASE("A8: 200 readers can come and go with a limit of 100") {
  const Bytes all = bytes(5000);
  AsyncStream stream = AsyncStream::from_view(all);
  std::atomic<int> open{0}, most{0};
  Threads threads;
  threads.run_each(200, [&](int i) {
    StreamReader reader = stream.make_stream_reader();
    const int now = ++open;
    for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
    }
    CHECK(read_all(reader, 100 + std::size_t(i)).bytes == all);
    --open;
    CHECK(reader.close() == std::error_code());
  });
  threads.join();
  CHECK(most <= 100);
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A8: the try form is right immediately, for a new stream and after a reader's close") {
  for (std::size_t i = scaled(300); i > 0; --i) {
    AsyncStream stream = AsyncStream::from_slice(bytes(9), {.max_readers = 1});
    OpenResult first = stream.try_make_stream_reader();
    CHECK(first.error == std::error_code());
    CHECK(stream.try_make_stream_reader().error == kFull);
    CHECK(first.reader.close() == std::error_code());
    CHECK(stream.try_make_stream_reader().error == std::error_code());
    CHECK(stream.close() == std::error_code());
    CHECK(stream.try_make_stream_reader().error == errc::closed);
  }
}

TEST_CASE("A8: a deadline that has passed does not refuse a place that is free") {
  for (std::size_t i = scaled(300); i > 0; --i) {
    AsyncStream stream = AsyncStream::from_slice(bytes(9), {.max_readers = 1});
    const OpenResult first = stream.make_stream_reader_for(0s);
    CHECK(first.error == std::error_code());
    CHECK(stream.make_stream_reader_for(-1h).error == timed_out());
    CHECK(stream.make_stream_reader_until(StreamReader::Clock::now()).error == timed_out());
  }
}

TEST_CASE("A8: a timed open waits for a place, and gives up no earlier than its deadline") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9), {.max_readers = 1});
  StreamReader first = stream.make_stream_reader();
  const StreamReader::Clock::time_point begin = StreamReader::Clock::now();
  CHECK(stream.make_stream_reader_for(10ms).error == timed_out());
  CHECK(StreamReader::Clock::now() - begin >= 10ms);
  Threads threads;
  threads.run([&] {
    OpenResult result = stream.make_stream_reader_for(StreamReader::Clock::duration::max());
    CHECK(result.error == std::error_code());
    CHECK(read_all(result.reader).bytes == bytes(9));
  });
  wait_for_sleepers("send add_reader");
  CHECK(first.close() == std::error_code());
}

TEST_CASE("A8: a stop request ends an open that waits; a free place beats it") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9), {.max_readers = 1});
  std::stop_source stop;
  OpenResult first = stream.make_stream_reader_for(1h, stop.get_token());
  CHECK(first.error == std::error_code());
  Threads threads;
  threads.run([&] {
    CHECK(stream.make_stream_reader_for(1h, stop.get_token()).error == errc::cancelled);
    CHECK(stream.make_stream_reader_for(1h, stop.get_token()).error == errc::cancelled);
  });
  wait_for_sleepers("send add_reader");
  stop.request_stop();
  threads.join();
  CHECK(stream.reader_count() == 1);
  CHECK(first.reader.close() == std::error_code());
}

TEST_CASE("A8 Q26: with a limit of zero no reader can be opened, and the stream closes") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9), {.max_readers = 0});
  CHECK(stream.try_make_stream_reader().error == kFull);
  CHECK(stream.make_stream_reader_for(1ms).error == timed_out());
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A9 D5 Q26: every form of open on a closed stream is errc::closed, and does not wait") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  CHECK(stream.close() == std::error_code());
  CHECK(code_thrown_by_open(stream) == errc::closed);
  CHECK(stream.try_make_stream_reader().error == errc::closed);
  CHECK(stream.make_stream_reader_for(1h).error == errc::closed);
  CHECK(stream.make_stream_reader_until(StreamReader::Clock::time_point::min()).error ==
        errc::closed);
  OpenResult result = stream.try_make_stream_reader();
  Bytes into(1);
  CHECK(result.reader.read(into) == nothing(errc::closed));
}

TEST_CASE("A10: every form of open on a cancelled stream returns the error of the cancel") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  stream.cancel(io_error());
  CHECK(code_thrown_by_open(stream) == io_error());
  CHECK(stream.try_make_stream_reader().error == io_error());
  CHECK(stream.make_stream_reader_for(1h).error == io_error());
  // The error of the cancel is returned as it is; it is not mistaken for an open that timed out.
  AsyncStream late = AsyncStream::from_slice(bytes(9));
  late.cancel(timed_out());
  CHECK(late.try_make_stream_reader().error == timed_out());
}

TEST_CASE("A8 A13: an open that runs out of memory takes no place") {
  AsyncStream stream = AsyncStream::from_slice(bytes(9));
  for (std::size_t nth = 1; nth < 6; ++nth) {
    try {
      fail_next(nth);
      (void)stream.make_stream_reader();
    } catch (const std::bad_alloc&) {
    }
    fail_next(0);
    CHECK(stream.reader_count() == 0);
  }
  CHECK(stream.close() == std::error_code());
}

TEST_CASE("A9 A17: readers open and close from many threads while the stream closes") {
  for (std::size_t i = scaled(100); i > 0; --i) {
    AsyncStream stream = AsyncStream::from_slice(bytes(9), {.max_readers = 2});
    Threads threads;
    threads.run_each(4, [&](int) {
      while (true) {
        OpenResult result = stream.make_stream_reader_for(1h);
        if (result.error) {
          CHECK(result.error == errc::closed);
          return;
        }
        CHECK(read_all(result.reader).bytes == bytes(9));
      }
    });
    CHECK(stream.close() == std::error_code());
    threads.join();
    CHECK(stream.reader_count() == 0);
  }
}

}  // namespace
