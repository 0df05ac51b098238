// SPDX-License-Identifier: Apache-2.0
//
// Reads below the frontier are answered from what transfer has posted. Three rules must still hold.
// A cancel or a close of the reader that has returned is seen by every read that begins later. An
// error that one reader has seen is seen by every thread that it informs. An observer that could
// see the messages gets them. (All other tests of lib run in both modes: tests/meson.build.)
#include <doctest/doctest.h>

#include <atomic>
#include <csp/trace.hpp>
#include <csp/tracing.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/allocations.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using asyncstream::Reads;

/// How often the thread of this name has gone to sleep.
long sleeps_of(const std::string& name) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream status(task.path() / "status");
    std::string word;
    bool found = false;
    for (long count = 0; status >> word;) {
      if (word == "Name:" && status >> word) found = word == name;
      if (word == "voluntary_ctxt_switches:" && found && status >> count) return count;
    }
  }
  return -1;
}

/// Whether transfer stays asleep during a thousand reads.
bool sleeps_through(Reads how) {
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000), {.reads = how});
  StreamReader reader = stream.make_stream_reader();
  wait_for_sleepers("recv requests");
  Bytes into(100);
  const long before = sleeps_of("transfer");
  for (std::size_t i = 0; i < 500; ++i) {
    CHECK(reader.read(into) == got(100));
    CHECK(same(into, bytes(100, i * 100)));
    CHECK(reader.view(100).bytes.size() == 100);
    reader.seek((i + 1) * 100);
  }
  wait_for_sleepers("recv requests");
  return sleeps_of("transfer") == before;
}

TEST_CASE("A2: transfer stays asleep during reads below the frontier, unless they are by message") {
  CHECK(sleeps_through(Reads::posted) == !csp::tracing());
  CHECK(!sleeps_through(Reads::by_message));
}

TEST_CASE("A2 A4: posted or by message, every read gives the same result") {
  for (const bool drain : {false, true}) {
    for (const Reads how : {Reads::posted, Reads::by_message}) {
      const Feed feed = make_feed();
      AsyncStream stream =
          AsyncStream::from_reader(1000, pulled(feed), {.drain_before_error = drain, .reads = how});
      StreamReader reader = stream.make_stream_reader();
      CHECK(feed.send({bytes(500)}) == csp::Outcome::ok);
      wait_for_bytes(stream, 500);
      Bytes into(200);
      CHECK(reader.read(into) == got(200));
      CHECK(reader.read_at(400, into) == got(100));
      CHECK(reader.view(0).bytes.empty());
      CHECK(reader.read_for(into, std::chrono::seconds(0)) == got(200));
      CHECK(feed.send({{}, io_error()}) == csp::Outcome::ok);
      wait_for_status(stream);
      CHECK(reader.read(into) == (drain ? got(100) : nothing(io_error())));
      CHECK(reader.read(into) == nothing(io_error()));
      CHECK(stream.buffered() == 500);
      CHECK(stream.status() == io_error());
    }
  }
}

TEST_CASE("A10: after a cancel has returned, on any thread, no read gets bytes") {
  std::optional<AsyncStream> stream;
  std::optional<StreamReader> reader;
  std::atomic<bool> cancelled{false};
  const auto cancel = [&] {
    stream->cancel(io_error());
    cancelled = true;
  };
  race(
      scaled(2000),
      [&] {
        stream = AsyncStream::from_slice(bytes(100));
        reader = stream->make_stream_reader();
        cancelled = false;
      },
      cancel,
      [&] {
        Bytes into(1);
        for (bool known = false; !known;) {
          known = cancelled;
          const IoResult result = reader->read_at(5, into);
          if (known) CHECK(result == nothing(io_error()));
        }
      },
      [&] { reader.reset(); });
}

TEST_CASE("A10: after the second of two cancels has returned no read gets bytes either") {
  std::optional<AsyncStream> stream;
  std::optional<StreamReader> readers[2];
  const auto cancel_and_read = [&](StreamReader& reader) {
    Bytes into(1);
    stream->cancel(io_error());
    CHECK(reader.read(into) == nothing(io_error()));
  };
  race(
      scaled(2000),
      [&] {
        stream = AsyncStream::from_slice(bytes(100));
        for (auto& reader : readers) reader = stream->make_stream_reader();
      },
      [&] { cancel_and_read(*readers[0]); }, [&] { cancel_and_read(*readers[1]); },
      [&] {
        for (auto& reader : readers) reader.reset();
      });
}

TEST_CASE("A11: a reader that another thread has closed reads no more") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100));
  std::optional<StreamReader> reader;
  std::atomic<bool> closed{false};
  race(
      scaled(2000),
      [&] {
        reader = stream.make_stream_reader();
        closed = false;
      },
      [&] {
        CHECK(reader->close() == std::error_code());
        closed = true;
      },
      [&] {
        Bytes into(1);
        for (bool known = false; !known;) {
          known = closed;
          const IoResult result = reader->read_at(5, into);
          if (known) CHECK(result == nothing(errc::closed));
        }
      },
      [&] { reader.reset(); });
}

TEST_CASE("A4: an error that one reader has seen is seen by every thread that it informs") {
  std::optional<AsyncStream> stream;
  std::optional<StreamReader> first, second;
  std::atomic<bool> seen{false};
  race(
      scaled(2000),
      [&] {
        stream = AsyncStream::from_reader(100, pulled(script({{bytes(10)}, {{}, io_error()}})));
        first = stream->make_stream_reader();
        second = stream->make_stream_reader();
        seen = false;
      },
      [&] {
        Bytes into(10);
        while (!first->read(into).error) continue;
        seen = true;
      },
      [&] {
        Bytes into(1);
        for (bool known = false; !known;) {
          known = seen;
          const IoResult result = second->read_at(5, into);
          if (known) CHECK(result == nothing(io_error()));
        }
      },
      [&] {
        first.reset();
        second.reset();
      });
}

TEST_CASE("A21: a stream's reports about itself allocate nothing, also by message") {
  for (const Reads how : {Reads::posted, Reads::by_message}) {
    AsyncStream stream = AsyncStream::from_slice(bytes(10), {.reads = how});
    (void)stream.status();
    const Allocations before = allocations_here();
    CHECK(stream.buffered() == 10);
    CHECK(stream.status() == errc::eof);
    CHECK(!stream.exception());
    if (!csp::tracing()) CHECK((allocations_here() - before).made == 0);
  }
}

TEST_CASE("A1: while a trace is attached, each read is a request and a response") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  AsyncStream stream = AsyncStream::from_slice(bytes(10));
  StreamReader reader = stream.make_stream_reader("r");
  Bytes into(1);
  CHECK(reader.read(into) == got(1));
  const csp::Attachment attachment =
      csp::attach(recorder, {.channels = {"requests", "responses:r"}});
  CHECK(reader.read(into) == got(1));
  CHECK(reader.view(1).bytes.size() == 1);
  CHECK(stream.buffered() == 10);
  const std::vector<csp::Event> events = recorder->take();
  CHECK(std::ranges::count(events, csp::Op::send, &csp::Event::op) == 5);
  CHECK(std::ranges::count(events, csp::Op::recv, &csp::Event::op) == 5);
}

TEST_CASE("A10 A21: a recorder may query a stream and cancel it, though the trace is full") {
  struct Asking : csp::Recorder {
    void record(const csp::Event&) override {
      if (!stream || asked++ != 20) return;
      CHECK(stream->buffered() == 100);
      CHECK(stream->status() == errc::eof);
      stream->cancel(io_error());
      CHECK(stream->status() == io_error());
    }
    AsyncStream* stream = nullptr;
    int asked = 0;
  };
  const auto recorder = std::make_shared<Asking>();
  AsyncStream stream = AsyncStream::from_slice(bytes(100));
  recorder->stream = &stream;
  {
    const csp::Attachment attachment = csp::attach(recorder, {.capacity = 1});
    StreamReader reader = stream.make_stream_reader();
    Bytes into(1);
    while (!reader.read(into).error) continue;
    CHECK(reader.read(into) == nothing(io_error()));
  }
  CHECK(recorder->asked > 20);
}

TEST_CASE("A12: a stop callback that a source has registered may use its stream") {
  struct Registering : asyncstream::Source {
    IoResult read(std::span<std::byte>, std::stop_token stop) override {
      const std::stop_callback callback(stop, [&] {
        said = (*stream)->status();
        (void)(*stream)->reader_count();
        (*stream)->cancel();
        told.close();
      });
      told.receive();
      return {0, errc::cancelled};
    }
    const csp::Channel<void> told = csp::Channel<void>::make();
    std::optional<AsyncStream>* stream = nullptr;
    std::error_code said;
  };
  std::optional<AsyncStream> stream;
  auto source = std::make_unique<Registering>();
  Registering& registering = *source;
  registering.stream = &stream;
  stream = AsyncStream::from_reader(10, std::move(source));
  wait_for_sleepers("recv (no name)");
  stream->cancel(io_error());
  CHECK(registering.said == io_error());
  CHECK(stream->close() == std::error_code());
}

TEST_CASE("A12: a stop callback may ask for the number of readers while its stream closes") {
  struct Counting : asyncstream::Source {
    IoResult read(std::span<std::byte>, std::stop_token stop) override {
      const std::stop_callback callback(stop, [&] { (void)(*stream)->reader_count(); });
      csp::select(csp::on_stop(stop));
      return {0, errc::cancelled};
    }
    std::optional<AsyncStream>* stream = nullptr;
  };
  std::optional<AsyncStream> stream;
  auto source = std::make_unique<Counting>();
  source->stream = &stream;
  stream = AsyncStream::from_reader(10, std::move(source));
  wait_for_sleepers("recv slices");
  CHECK(stream->close() == std::error_code());
}

}  // namespace
