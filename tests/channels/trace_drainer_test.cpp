// SPDX-License-Identifier: Apache-2.0
//
// The thread that drains the trace. It naps while nothing comes, then sleeps; it records every
// event without being asked; and it starts and stops while other threads run. Also messages that
// throw, and what recorders do themselves.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace messages {

struct Shy {};

void describe(const Shy&, csp::Fields& fields);
void describe(const Shy&, csp::Fields& fields) {
  fields.add("before", 1);
  throw std::runtime_error("not told");
}

}  // namespace messages

namespace {

using csp::Channel;
using csp::Event;
using namespace std::chrono_literals;

/// Passes on each event without asking for it: take() and flush_trace() would wake the drainer.
class Telling : public csp::Recorder {
 public:
  void record(const Event& event) override { (void)told.send(event.sequence); }
  const Channel<std::uint64_t> told = Channel<std::uint64_t>::make("", 16);
};

}  // namespace

TEST_CASE("trace: an event is recorded whether the drainer is active, naps or sleeps") {
  const auto recorder = std::make_shared<Telling>();
  const csp::Attachment attachment = csp::attach(recorder);
  const Channel<int> channel = Channel<int>::make("c", 1);
  std::uint64_t last = 0;
  // The pauses order nothing. They make events meet the drainer in all its states and changes. It
  // sleeps after more than a millisecond, as ten timers of 100 us last longer than they say.
  for (int i = 0; i < 200; ++i) {
    std::this_thread::sleep_for(i * 20us);
    CHECK(channel.send(i) == csp::Outcome::ok);
    CHECK(channel.receive() == i);
    for (int event = 0; event < 2; ++event) {
      const csp::Received<std::uint64_t> told = recorder->told.receive_for(10s);
      REQUIRE(told.value);
      if (last != 0) CHECK(*told.value == last + 1);
      last = *told.value;
    }
  }
}

TEST_CASE("trace: what was recorded is flushed before the drainer sleeps") {
  struct Flushing : csp::Recorder {
    void record(const Event&) override { ++recorded; }
    void flush() override { flushed = recorded.load(); }
    std::atomic<int> recorded{0}, flushed{0};
  };
  const auto recorder = std::make_shared<Flushing>();
  const csp::Attachment attachment = csp::attach(recorder);
  const Channel<int> channel = Channel<int>::make("c", 10);
  for (int i = 1; i <= 3; ++i) {
    CHECK(channel.send(i) == csp::Outcome::ok);
    support::wait_until([&] { return recorder->flushed == i; });
  }
}

TEST_CASE("trace: recorders may be attached and detached during traffic") {
  const Channel<int> channel = Channel<int>::make("busy", 1);
  std::vector<csp::Process> processes;
  for (int i = 0; i < 2; ++i) {
    processes.emplace_back("sender", [&] {
      while (channel.send(1) == csp::Outcome::ok) continue;
    });
    processes.emplace_back("receiver", [&] {
      while (channel.receive()) continue;
    });
  }
  std::size_t recorded = 0;
  const std::size_t attachments = support::scaled(300);
  for (std::size_t i = 0; i < attachments || recorded == 0; ++i) {
    const auto recorder = std::make_shared<csp::MemoryRecorder>();
    const csp::Attachment attachment = csp::attach(recorder);
    recorded += recorder->take().size();
  }
  CHECK(channel.close() == csp::Outcome::ok);
}

TEST_CASE("trace: a recorder that would deadlock gets an error") {
  class Hasty : public csp::Recorder {
   public:
    void record(const Event&) override {
      CHECK_THROWS_AS(csp::flush_trace(), csp::Misuse);
      CHECK_THROWS_AS((void)csp::attach(std::make_shared<csp::MemoryRecorder>()), csp::Misuse);
      recorded = true;
    }
    bool recorded = false;
  };
  const auto recorder = std::make_shared<Hasty>();
  {
    const csp::Attachment attachment = csp::attach(recorder);
    CHECK(Channel<int>::make("c", 1).send(1) == csp::Outcome::ok);
  }
  CHECK(recorder->recorded);
}

TEST_CASE("trace: a message whose description throws is delivered and traced") {
  const Channel<messages::Shy> channel = Channel<messages::Shy>::make("shy", 2);
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment attachment = csp::attach(recorder);
  CHECK(channel.send({}) == csp::Outcome::ok);
  CHECK(csp::select(csp::on_send(channel, messages::Shy{}), csp::otherwise()) == 0);
  CHECK(channel.receive().has_value());
  const std::vector<Event> events = recorder->take();
  REQUIRE(events.size() == 3);
  CHECK(events[2].op == csp::Op::recv);
  for (const Event& event : events) CHECK(event.message.all().empty());
}

TEST_CASE(
    "trace: a recorder may pass events to a process of its own, by a channel without a name") {
  class Giving : public csp::Recorder {
   public:
    Giving()
        : process_("taking", [this] {
            csp::serve(csp::on_receive(
                own_, [this](std::uint64_t) { ++taken; }, [] { return csp::stop; }));
          }) {}
    ~Giving() override { own_.close(); }
    void record(const Event& event) override {
      CHECK(own_.send(std::uint64_t{event.sequence}) == csp::Outcome::ok);
    }
    std::atomic<int> taken{0};

   private:
    const Channel<std::uint64_t> own_ = Channel<std::uint64_t>::make("");
    csp::Process process_;
  };
  const auto giving = std::make_shared<Giving>();
  {
    const csp::Attachment attachment = csp::attach(giving, {.capacity = 4});
    support::Threads threads;
    threads.run_each(4, [](int) {
      const Channel<int> channel = Channel<int>::make("c", 1);
      for (int i = 0; i < 500; ++i) {
        CHECK(channel.send(i) == csp::Outcome::ok);
        CHECK(channel.receive() == i);
      }
    });
  }
  support::wait_until([&] { return giving->taken == 4000; });
}

TEST_CASE("trace: a recorder may use channels, also in a flush, and at any capacity") {
  class Busy : public csp::Recorder {
   public:
    void record(const Event&) override { use(); }
    void flush() override { use(); }
    int used = 0;

   private:
    void use() {
      for (int i = 0; i < 3; ++i) {
        CHECK(own_.send(i) == csp::Outcome::ok);
        CHECK(own_.receive() == i);
      }
      ++used;
    }
    const Channel<int> own_ = Channel<int>::make("own", 1);
  };
  for (const std::size_t capacity : {std::size_t(1), SIZE_MAX}) {
    const auto busy = std::make_shared<Busy>();
    {
      const csp::Attachment attachment = csp::attach(busy, {.capacity = capacity});
      const Channel<int> channel = Channel<int>::make("c", 8);
      for (int i = 0; i < 8; ++i) CHECK(channel.send(i) == csp::Outcome::ok);
      csp::flush_trace();
    }
    CHECK(busy->used == 10);  // none of its own
  }
}
