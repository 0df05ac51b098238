// SPDX-License-Identifier: Apache-2.0
//
// The order of service, and that every operation is served: C6 (causality), C7 (waiters), C8
// (exactly once), C10 (try forms) and C11 (no lost wake-up). Values carry their producer and
// number, so that each test can distinguish a lost value from a late one.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <functional>
#include <vector>

#include "support/child.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

struct Ticket {
  int producer;
  int number;
};

// A value whose move, when armed, blocks inside the channel until it is released.
std::atomic<bool> stall{false};
std::atomic<bool> stalled{false};

struct Stalling {
  Stalling() = default;
  Stalling(Stalling&&) noexcept {
    if (!stall) return;
    stalled = true;
    stall.wait(true);
  }
};

}  // namespace

TEST_SUITE_BEGIN("order");

TEST_CASE("C6: a value sent after another send returned is received after it") {
  // Two senders alternate, ordered by an atomic that the channel does not know.
  for (const std::size_t capacity : {0, 1, 2, 64}) {
    CAPTURE(capacity);
    const int rounds = int(support::scaled(5000));
    const Channel<int> c = Channel<int>::make("c", capacity);
    std::atomic<int> turn{0};  // the next to be sent
    support::Threads threads;
    threads.run_each(2, [&](int me) {
      for (int i = me; i < rounds; i += 2) {
        turn.wait(i - 1);
        CHECK(c.send(int{i}) == Outcome::ok);
        turn = i + 1;
        turn.notify_one();
      }
    });
    int out_of_order = 0;
    for (int i = 0; i < rounds; ++i) out_of_order += c.receive() != i;
    CHECK(out_of_order == 0);
  }
}

TEST_CASE("C6: a blocked sender's value is not overtaken by a later send") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.send(0) == Outcome::ok);
  support::Threads threads;
  threads.run([&] { CHECK(c.send(1) == Outcome::ok); });
  support::wait_for_senders(c, 1);
  CHECK(c.receive() == 0);
  // The free slot went to the parked sender at the same moment.
  CHECK(c.try_send(2) == Outcome::would_block);
  CHECK(c.receive() == 1);
}

TEST_CASE("C7: parked receivers are served in order of arrival") {
  constexpr int kReceivers = 6;
  const Channel<int> c = Channel<int>::make("c");
  std::array<int, kReceivers> got{};
  support::Threads threads;
  for (int i = 0; i < kReceivers; ++i) {
    threads.run([&, i] { got[std::size_t(i)] = c.receive().value_or(-1); });
    support::wait_for_receivers(c, std::size_t(i) + 1);
  }
  for (int i = 0; i < kReceivers; ++i) CHECK(c.try_send(int{i}) == Outcome::ok);
  threads.join();
  for (int i = 0; i < kReceivers; ++i) CHECK(got[std::size_t(i)] == i);
}

TEST_CASE("C7: parked senders are served in order of arrival, also behind a buffer") {
  constexpr int kSenders = 6;
  for (const int capacity : {0, 1, 3}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", std::size_t(capacity));
    for (int i = 0; i < capacity; ++i) CHECK(c.send(int{i}) == Outcome::ok);
    support::Threads threads;
    for (int i = 0; i < kSenders; ++i) {
      threads.run([&, i] { CHECK(c.send(capacity + i) == Outcome::ok); });
      support::wait_for_senders(c, std::size_t(i) + 1);
    }
    for (int i = 0; i < capacity + kSenders; ++i) CHECK(c.receive() == i);
  }
}

TEST_CASE("C7: a waiter that gives up leaves the order of the others as it was") {
  const Channel<int> c = Channel<int>::make("c");
  std::stop_source leave;
  support::Threads threads;
  threads.run([&] { CHECK(c.send(0) == Outcome::ok); });
  support::wait_for_senders(c, 1);
  threads.run([&] { CHECK(c.send(1, leave.get_token()) == Outcome::cancelled); });
  support::wait_for_senders(c, 2);
  threads.run([&] { CHECK(c.send(2) == Outcome::ok); });
  support::wait_for_senders(c, 3);
  leave.request_stop();
  support::wait_for_senders(c, 2);
  CHECK(c.receive() == 0);
  CHECK(c.receive() == 2);
}

TEST_CASE("C8: every value sent is received exactly once, each producer's values in order") {
  constexpr int kProducers = 3;
  constexpr int kConsumers = 3;
  for (const std::size_t capacity : {0, 1, 3, 64}) {
    CAPTURE(capacity);
    const int each = int(support::scaled(5000));
    const Channel<Ticket> c = Channel<Ticket>::make("c", capacity);
    std::vector<std::vector<Ticket>> received(kConsumers);
    support::Threads consumers;
    consumers.run_each(kConsumers, [&](int me) {
      for (const Ticket& ticket : c) received[std::size_t(me)].push_back(ticket);
    });
    support::Threads producers;
    producers.run_each(kProducers, [&](int me) {
      for (int i = 0; i < each; ++i) CHECK(c.send(Ticket{me, i}) == Outcome::ok);
    });
    producers.join();
    CHECK(c.close() == Outcome::ok);
    consumers.join();

    std::vector<int> times_seen(std::size_t(kProducers * each));
    int out_of_order = 0;
    for (const std::vector<Ticket>& mine : received) {
      std::array<int, kProducers> last;
      last.fill(-1);
      for (const Ticket& ticket : mine) {
        ++times_seen[std::size_t(ticket.producer * each + ticket.number)];
        out_of_order += ticket.number <= last[std::size_t(ticket.producer)];
        last[std::size_t(ticket.producer)] = ticket.number;
      }
    }
    CHECK(std::all_of(times_seen.begin(), times_seen.end(), [](int n) { return n == 1; }));
    CHECK(out_of_order == 0);
  }
}

TEST_CASE("C10: a try behind a peer that stalls during a transfer sleeps instead of spinning") {
  const Channel<Stalling> c = Channel<Stalling>::make("c", 2);
  stalled = false;
  support::Threads threads;
  threads.run([&] {
    Stalling value;
    stall = true;
    CHECK(c.send(std::move(value)) == Outcome::ok);
  });
  support::wait_until([] { return stalled.load(); });
  csp::Process blocked("blocked", [&] { CHECK(c.try_receive().outcome == Outcome::ok); });
  support::wait_until_blocked();  // the thread of this name
  stall = false;
  stall.notify_all();
  blocked.join();
}

TEST_CASE("C10: try forms return at once while others are parked on the channel") {
  const Channel<int> c = Channel<int>::make("c");
  support::Threads threads;
  threads.run_each(3, [&](int) { CHECK(c.send(1) == Outcome::ok); });
  support::wait_for_senders(c, 3);
  CHECK(c.try_send(2) == Outcome::would_block);
  for (int i = 0; i < 3; ++i) CHECK(c.try_receive().value == 1);
  CHECK(c.try_receive().outcome == Outcome::would_block);
}

TEST_CASE("C11: a successful try wakes a waiter as its blocking form does") {
  for (const std::size_t capacity : {0, 1}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    support::Threads threads;
    threads.run_each(2, [&](int) { CHECK(c.receive().has_value()); });
    support::wait_for_receivers(c, 2);
    CHECK(c.try_send(1) == Outcome::ok);
    CHECK(c.try_send(2) == Outcome::ok);
    threads.join();
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.try_send(0) == Outcome::ok);
    threads.run_each(2, [&](int) { CHECK(c.send(3) == Outcome::ok); });
    support::wait_for_senders(c, 2);
    for (std::size_t i = 0; i < capacity + 2; ++i) {
      CHECK(c.try_receive().outcome == Outcome::ok);
    }
  }
}

TEST_CASE("C11: no form of send and receive loses a wake-up of any other form") {
  const Channel<int> never = Channel<int>::make("never");
  using Send = std::function<bool(const Channel<int>&, int)>;
  using Receive = std::function<bool(const Channel<int>&, int)>;
  const std::vector<Send> sends = {
      [](const Channel<int>& c, int i) { return c.send(int{i}) == Outcome::ok; },
      [](const Channel<int>& c, int i) { return c.send_for(int{i}, 1h) == Outcome::ok; },
      [](const Channel<int>& c, int i) {
        std::chrono::microseconds patience = 1us;  // grows, so that two of these are sure to meet
        while (c.send_for(int{i}, patience) != Outcome::ok) patience *= 2;
        return true;
      },
      [](const Channel<int>& c, int i) {
        support::wait_until([&] { return c.try_send(int{i}) == Outcome::ok; });
        return true;
      },
      [&](const Channel<int>& c, int i) {
        return csp::select(csp::on_receive(never), csp::on_send(c, int{i})) == 1;
      },
  };
  const std::vector<Receive> receives = {
      [](const Channel<int>& c, int i) { return c.receive() == i; },
      [](const Channel<int>& c, int i) { return c.receive_for(1h).value == i; },
      [](const Channel<int>& c, int i) {
        csp::Received<int> got{Outcome::timeout, {}};
        std::chrono::microseconds patience = 1us;
        while ((got = c.receive_for(patience)).outcome == Outcome::timeout) patience *= 2;
        return got.value == i;
      },
      [](const Channel<int>& c, int i) {
        csp::Received<int> got{Outcome::would_block, {}};
        support::wait_until([&] { return bool(got = c.try_receive()); });
        return got.value == i;
      },
      [&](const Channel<int>& c, int i) {
        std::optional<int> got;
        return csp::select(csp::on_receive(c, got), csp::on_receive(never)) == 0 && got == i;
      },
  };
  const int rounds = int(support::scaled(400));
  for (std::size_t s = 0; s < sends.size(); ++s) {
    for (std::size_t r = 0; r < receives.size(); ++r) {
      for (const std::size_t capacity : {0, 1, 2}) {
        // Two tries never meet on an unbuffered channel: each needs the other to wait.
        if (capacity == 0 && s == 3 && r == 3) continue;
        CAPTURE(s);
        CAPTURE(r);
        CAPTURE(capacity);
        const Channel<int> c = Channel<int>::make("c", capacity);
        int failures = 0;
        support::Threads threads;
        threads.run([&] {
          for (int i = 0; i < rounds; ++i) failures += !sends[s](c, i);
        });
        int wrong = 0;
        for (int i = 0; i < rounds; ++i) wrong += !receives[r](c, i);
        threads.join();
        CHECK(failures == 0);
        CHECK(wrong == 0);
      }
    }
  }
}

TEST_SUITE_END();
