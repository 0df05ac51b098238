// SPDX-License-Identifier: Apache-2.0
//
// csp::serve while the process is busy, carried by whoever brought a message: what comes then, a
// close, more messages, and who asks what everybody waits for. (Limits: serve_limits_test.cpp.)
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <csp/waiting.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/hostings.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using support::kHostings;
using namespace std::chrono_literals;

/// A process whose handler says that it has begun and waits for the gate.
class Gated {
 public:
  explicit Gated(Hosting hosting)
      : process_("gated", [this, hosting] {
          csp::serve(hosting, on_receive(numbers, [this](std::optional<int> number) {
                       if (!number) return csp::stop;
                       (void)begun.send();
                       (void)gate.receive();
                       ++handled;
                       return csp::go_on;
                     }));
        }) {
    support::wait_for_receivers(numbers, 1);
  }
  void join() { process_.join(); }

  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<void> begun = Channel<void>::make("begun", 100);
  const Channel<void> gate = Channel<void>::make("gate");
  int handled = 0;

 private:
  csp::Process process_;
};

/// Waits until somebody sleeps in the channel's lobby, or has queued after that; tells whether he
/// was seen there.
bool seen_in_lobby(const Channel<int>& channel) {
  bool seen = false;
  support::wait_until([&] {
    {
      const csp::detail::Locked locked(channel.core()->lock());
      seen = channel.core()->lobby().first() != nullptr;
    }
    return seen || support::waiting_senders(channel) > 0;
  });
  return seen;
}

}  // namespace

TEST_SUITE_BEGIN("serve_busy");

TEST_CASE("C14 C16: a close while the process is carried is found by its next round") {
  for (const Hosting hosting : kHostings) {
    Gated gated(hosting);
    support::Threads bringer;
    bringer.run([&] { CHECK(gated.numbers.send(1) == Outcome::ok); });
    (void)gated.begun.receive();
    CHECK(gated.numbers.close() == Outcome::ok);
    CHECK(gated.gate.send() == Outcome::ok);
    gated.join();
    CHECK(gated.handled == 1);
  }
}

TEST_CASE("a handler that blocks on a borrowed thread is reported as what it is") {
  Gated gated(Hosting::assisted);
  csp::Process bringer("bringer", [&] { CHECK(gated.numbers.send(1) == Outcome::ok); });
  (void)gated.begun.receive();
  support::wait_for_receivers(gated.gate, 1);
  support::wait_until([] { return csp::waiting().all_asleep; });
  const std::string table = csp::to_text(csp::waiting());
  CAPTURE(table);
  CHECK(table.find("recv gate") != std::string::npos);
  CHECK(table.find("runs gated") != std::string::npos);
  CHECK(gated.gate.send() == Outcome::ok);
  bringer.join();
  CHECK(gated.numbers.close() == Outcome::ok);
  gated.join();
}

TEST_CASE(
    "C7: of many who find the process busy none is forgotten, though nobody comes after them") {
  constexpr int kClients = 40;
  for (const Hosting hosting : kHostings) {
    Gated gated(hosting);
    support::Threads clients;
    for (int i = 0; i < kClients; ++i) {
      clients.run([&] { CHECK(gated.numbers.send(1) == Outcome::ok); });
    }
    for (int i = 0; i < kClients; ++i) CHECK(gated.gate.send() == Outcome::ok);
    clients.join();
    CHECK(gated.numbers.close() == Outcome::ok);
    gated.join();
    CHECK(gated.handled == kClients);
  }
}

TEST_CASE("who finds the process busy with those who have queued comes again, and does not queue") {
  // Else each who is served would queue once more, and every message be a wake-up, until somebody
  // happens to find nobody before him. In the lobby one queues in the end, too, if nobody passes by
  // for 6 ms; so there are some attempts to see him there.
  bool seen = false;
  for (int attempt = 0; attempt < 50 && !seen; ++attempt) {
    Gated gated(Hosting::assisted);
    support::Threads clients;
    clients.run([&] { CHECK(gated.numbers.send(1) == Outcome::ok); });
    (void)gated.begun.receive();
    clients.run([&] { (void)csp::select(csp::on_send(gated.numbers, 2), csp::after(1h)); });
    support::wait_for_senders(gated.numbers, 1);
    CHECK(gated.gate.send() == Outcome::ok);  // it goes on with him who has queued
    (void)gated.begun.receive();
    clients.run([&] { CHECK(gated.numbers.send(3) == Outcome::ok); });
    seen = seen_in_lobby(gated.numbers);
    for (int i = 0; i < 2; ++i) CHECK(gated.gate.send() == Outcome::ok);
    clients.join();
    CHECK(gated.numbers.close() == Outcome::ok);
    gated.join();
    CHECK(gated.handled == 3);
  }
  CHECK(seen);
}

TEST_CASE("trace: who waited in the lobby has waited") {
  bool seen = false;
  for (int attempt = 0; attempt < 50 && !seen; ++attempt) {
    Gated gated(Hosting::assisted);
    const auto recorder = std::make_shared<csp::MemoryRecorder>();
    {
      const csp::Attachment attachment = csp::attach(recorder, {.channels = {"numbers"}});
      support::Threads clients;
      clients.run([&] { CHECK(gated.numbers.send(1) == Outcome::ok); });
      (void)gated.begun.receive();
      clients.run([&] { CHECK(gated.numbers.send(2) == Outcome::ok); });
      seen = seen_in_lobby(gated.numbers);
      for (int i = 0; i < 2; ++i) CHECK(gated.gate.send() == Outcome::ok);
      clients.join();
    }
    std::vector<std::int64_t> waited;
    for (const csp::Event& event : recorder->take()) {
      if (event.op == csp::Op::send) waited.push_back(event.waited);
    }
    REQUIRE(waited.size() == 2);
    CHECK(waited[1] > 0);
    CHECK(gated.numbers.close() == Outcome::ok);
    gated.join();
  }
  CHECK(seen);
}

// If he were to wait until enough had passed to call him, it would be 600.
TEST_CASE("lobby: who sleeps there tries himself, where others pass by but leave time between") {
  int passed = 600;
  // Not always, as the machine may keep him from his processor.
  for (int attempt = 0; attempt < 20 && passed >= 300; ++attempt) {
    Gated gated(Hosting::assisted);
    std::atomic<bool> idle{false}, done{false};
    support::Threads clients;
    clients.run([&] {
      CHECK(gated.numbers.send(1) == Outcome::ok);
      idle = true;
    });
    (void)gated.begun.receive();
    clients.run([&] {
      CHECK(gated.numbers.send(2) == Outcome::ok);
      done = true;
    });
    const bool seen = seen_in_lobby(gated.numbers);
    CHECK(gated.gate.close() == Outcome::ok);
    while (!idle) continue;
    int count = 0;
    for (; !done; ++count) {
      CHECK(gated.numbers.send(3) == Outcome::ok);
      (void)gated.begun.receive();
      const auto until = csp::Clock::now() + 3us;
      while (csp::Clock::now() < until) continue;
    }
    if (seen) passed = count;
    clients.join();
    CHECK(gated.numbers.close() == Outcome::ok);
    gated.join();
  }
  CHECK(passed < 300);
}

TEST_SUITE_END();
