// SPDX-License-Identifier: Apache-2.0
//
// A full trace makes operations wait for room before they begin (Overflow::block), and the drainer
// waits for every number that was taken. So no thread may wait for room while it has a number that
// is not emitted yet. A thread that room depends on (one in a recorder, or in a message's
// description) may wait for other threads, which then need no room. A trace with room for one event
// shows each fault at once.
#include <doctest/doctest.h>

#include <chrono>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "support/allocations.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Event;
using csp::Outcome;

/// A trace with room for this many events.
class Narrow {
 public:
  explicit Narrow(std::size_t capacity)
      : attachment_(csp::attach(recorder_, {.capacity = capacity})) {}
  std::vector<Event> take() const { return recorder_->take(); }

 private:
  const std::shared_ptr<csp::MemoryRecorder> recorder_ = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment attachment_;
};

void check_complete(const std::vector<Event>& events, std::size_t count) {
  CHECK(events.size() == count);
  for (std::size_t i = 1; i < events.size(); ++i) {
    CHECK(events[i].sequence == events[i - 1].sequence + 1);
  }
}

// A message uses this channel while it describes itself.
const Channel<int> consulted = Channel<int>::make("consulted", 1);
const Channel<int> awaited = Channel<int>::make("awaited");

struct Consulting {
  int number = 0;
};
void describe(const Consulting& message, csp::Fields& fields) {
  (void)consulted.send(int{message.number});
  fields.add("number", *consulted.receive());
}

struct Awaiting {};
void describe(const Awaiting&, csp::Fields& fields) {
  if (csp::Process::current_name() != "sender") fields.add("awaited", *awaited.receive());
}

// A value whose destructor flushes the trace. A description drops the last handle of its channel.
struct Dropping {
  explicit Dropping(bool at_end = false) : flushes(at_end) {}
  Dropping(Dropping&& other) noexcept : flushes(std::exchange(other.flushes, false)) {}
  ~Dropping() {
    if (flushes) csp::flush_trace();
  }
  bool flushes;
};
Channel<Dropping> dropped;
bool drop = false;
void describe(const Dropping&, csp::Fields&) {
  if (std::exchange(drop, false)) dropped = {};
}

}  // namespace

TEST_CASE("trace: processes that send to each other through a trace without room lose nothing") {
  constexpr int kMessages = 200;
  for (const std::size_t capacity : {1, 2, 3, 7}) {
    const Channel<int> there = Channel<int>::make("there");
    const Channel<int> back = Channel<int>::make("back", 1);
    const Narrow trace(capacity);
    csp::Process echo("echo", [&] {
      csp::serve(csp::on_receive(
          there, [&](int n) { CHECK(back.send(n) == Outcome::ok); }, [] { return csp::stop; }));
    });
    for (int i = 0; i < kMessages; ++i) {
      CHECK(there.send(i) == Outcome::ok);
      CHECK(back.receive() == i);
    }
    there.close();
    echo.join();
    check_complete(trace.take(), 4 * kMessages + 2);
  }
}

TEST_CASE("trace: a description that uses a named channel needs no room, and is not traced") {
  constexpr int kMessages = 2000;
  for (const std::size_t capacity : {1, 1000}) {
    const Channel<Consulting> messages = Channel<Consulting>::make("messages");
    const Narrow trace(capacity);
    csp::Process sender("sender", [&] {
      for (int i = 0; i < kMessages; ++i) CHECK(messages.send({i}) == Outcome::ok);
    });
    for (int i = 0; i < kMessages; ++i) CHECK(messages.receive()->number == i);
    sender.join();
    check_complete(trace.take(), 2 * kMessages);
  }
}

TEST_CASE("trace: a description may wait for a process that waits for room") {
  const Channel<Awaiting> messages = Channel<Awaiting>::make("messages", 1);
  const Channel<int> log = Channel<int>::make("log", 100);
  CHECK(messages.send({}) == Outcome::ok);
  const Narrow trace(1);
  csp::Process other("other", [&] {
    for (int i = 0; i < 50; ++i) CHECK(log.send(i) == Outcome::ok);
    CHECK(awaited.send(1) == Outcome::ok);
  });
  CHECK(messages.receive());  // its number is taken, and emitted when `other` has sent
  other.join();
}

TEST_CASE("trace: a description may wait for the sender whose value was taken") {
  const Channel<Awaiting> messages = Channel<Awaiting>::make("messages");
  const Narrow trace(100);
  csp::Process sender("sender", [&] {
    CHECK(messages.send({}) == Outcome::ok);
    CHECK(awaited.send(1) == Outcome::ok);
  });
  support::wait_for_senders(messages, 1);
  CHECK(messages.receive());
  sender.join();
}

TEST_CASE("trace: the destructor of a value left in a channel may wait for the trace") {
  // `describe` drops the last handle before the receive's event is emitted; see Dropping.
  const Narrow trace(100);
  dropped = Channel<Dropping>::make("dropped", 2);
  CHECK(dropped.send(Dropping{}) == Outcome::ok);
  CHECK(dropped.send(Dropping{true}) == Outcome::ok);
  drop = true;
  CHECK((&dropped)->receive());
  check_complete(trace.take(), 3);
}

TEST_CASE(
    "trace: a select, a timed form and a filter need no memory that could fail an operation") {
  const Channel<int> a = Channel<int>::make("a channel with a name that is long", 10);
  const Channel<int> b = Channel<int>::make("b", 10);
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment trace = csp::attach(recorder, {.channels = {"a channel with*", "b"}});
  CHECK(a.send(1) == Outcome::ok);
  csp::flush_trace();
  support::fail_next(SIZE_MAX);
  const bool received = a.receive_for(std::chrono::seconds(1)).value == 1;
  const std::size_t selected = csp::select(csp::on_send(a, 1), csp::on_send(b, 1));
  const bool waited = csp::select(csp::on_receive(a), csp::on_receive(b)) == selected;
  support::fail_next(0);
  CHECK(received);
  CHECK(waited);
}

TEST_CASE("trace: a lack of memory when a recorder is attached is reported to the caller") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const Channel<int> c = Channel<int>::make("c", 10);
  for (std::size_t at = 0;; ++at) {
    support::fail_after(at);
    std::optional<csp::Attachment> trace;
    try {
      trace = csp::attach(recorder);
    } catch (const std::bad_alloc&) {
    }
    support::fail_next(0);
    if (trace) break;
    CHECK(at < 100);
  }
  CHECK(c.send(1) == Outcome::ok);
}

TEST_CASE("trace: a recorder may wait for a process that waits for room, and join it") {
  struct Waiting : csp::Recorder {
    void record(const Event&) override {
      if (!process.joinable()) return;
      CHECK(done.receive() == 1);
      process.join();
    }
    csp::Process process;
    const Channel<int> done = Channel<int>::make("");
  };
  const auto recorder = std::make_shared<Waiting>();
  const Channel<int> log = Channel<int>::make("log", 100);
  const Channel<void> begin = Channel<void>::make("");
  recorder->process = csp::Process("other", [&] {
    (void)begin.receive();
    for (int i = 0; i < 50; ++i) CHECK(log.send(i) == Outcome::ok);
    CHECK(recorder->done.send(1) == Outcome::ok);
    for (int i = 0; i < 50; ++i) CHECK(log.send(i) == Outcome::ok);
  });
  const csp::Attachment trace = csp::attach(recorder, {.capacity = 1});
  CHECK(begin.send() == Outcome::ok);
  support::wait_until([&] { return log.size() == 100; });
}

TEST_CASE("trace: a process may flush the trace and attach to it, however full it is") {
  const Channel<int> log = Channel<int>::make("log", 100);
  const Narrow trace(1);
  csp::Process process("process", [&] {
    for (int i = 0; i < 10; ++i) {
      CHECK(log.send(i) == Outcome::ok);
      csp::flush_trace();
      const Narrow more(1);
      CHECK(log.send(i) == Outcome::ok);
    }
  });
  process.join();
  check_complete(trace.take(), 20);
}

TEST_CASE("trace: an event for which there is no memory is counted as dropped and stops nothing") {
  const Channel<int> log = Channel<int>::make("log", 10000);
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment trace = csp::attach(recorder);
  constexpr int kEvents = 3000;
  // On a new thread, not a kept one: its place in the queue has no memory yet.
  std::thread process([&] {
    support::fail_next(SIZE_MAX);
    int sent = 0;
    while (sent < kEvents && log.send(sent) == Outcome::ok) ++sent;
    support::fail_next(0);
    CHECK(sent == kEvents);
  });
  process.join();
  CHECK(log.send(0) == Outcome::ok);
  const std::vector<Event> events = recorder->take();
  CHECK(events.size() + recorder->dropped() == kEvents + 1);
  CHECK(recorder->dropped() > 0);
  CHECK(events.back().sequence - events.front().sequence <= kEvents);
}
