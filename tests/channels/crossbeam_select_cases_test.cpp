// SPDX-License-Identifier: Apache-2.0
//
// crossbeam-channel's tests of select, restated. Each case names its origin. crossbeam builds a
// select step by step, and a caller can leave it between the choice and the operation
// (uncompleted_select, forget_select). Here select is one step. So these tests check instead that
// nothing hangs, and nothing is left behind, when a value expression or a handler throws.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::otherwise;
using csp::Outcome;
using csp::select;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE_BEGIN("crossbeam_select_cases");

TEST_CASE("crossbeam select smoke1, smoke2: the one ready case of many (C3, C23)") {
  std::array<Channel<int>, 5> c;
  for (Channel<int>& each : c) each = Channel<int>::make("c", 1);
  CHECK(c[4].send(5) == Outcome::ok);
  std::optional<int> got;
  CHECK(select(on_receive(c[0]), on_receive(c[1]), on_receive(c[2]), on_receive(c[3]),
               on_receive(c[4], got)) == 4);
  CHECK(got == 5);
}

TEST_CASE("crossbeam select disconnected: ready by close, before and while waiting (C33)") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> quiet = Channel<int>::make("quiet");
  support::Threads threads;
  threads.run([&] { CHECK(select(on_receive(c), on_receive(quiet), csp::after(1h)) == 0); });
  support::wait_for_receivers(c, 1);
  CHECK(c.close() == Outcome::ok);
  threads.join();
  CHECK(select(on_receive(c), on_receive(quiet), csp::after(1h)) == 0);
  CHECK(select(on_receive(quiet), on_receive(c), otherwise()) == 1);
}

TEST_CASE("crossbeam select default, default_when_disconnected, default_only (C22, C33)") {
  const Channel<int> quiet = Channel<int>::make("quiet");
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(select(on_receive(quiet), on_receive(c), otherwise()) == 2);
  CHECK(select(otherwise()) == 0);
  CHECK(select(on_receive(quiet), csp::after(2ms)) == 1);
  CHECK(c.close() == Outcome::ok);
  CHECK(select(on_receive(quiet), on_receive(c), otherwise()) == 1);
  CHECK(select(on_receive(c), csp::after(1h)) == 0);
}

TEST_CASE("crossbeam select timeout, timeout_when_disconnected: too late, then in time (C35)") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> quiet = Channel<int>::make("quiet");
  CHECK(select(on_receive(c), on_receive(quiet), csp::after(2ms)) == 2);
  support::Threads threads;
  threads.run([&] { CHECK(c.send(1) == Outcome::ok); });
  CHECK(select(on_receive(c), on_receive(quiet), csp::after(1h)) == 0);
}

TEST_CASE("crossbeam select unblocks: a waiting select meets a send and a receive (C11, C25)") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  support::Threads threads;
  threads.run([&] { CHECK(select(on_receive(a), on_receive(b)) == 1); });
  support::wait_for_receivers(b, 1);
  CHECK(b.send(2) == Outcome::ok);
  threads.join();
  threads.run([&] { CHECK(select(on_send(a, 1), on_send(b, 2)) == 0); });
  support::wait_for_senders(a, 1);
  CHECK(a.receive() == 1);
}

TEST_CASE("crossbeam select both_ready: the send and the receive case both happen (C31)") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  const int rounds = int(support::scaled(200));
  int sent = 0;
  int received = 0;
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) CHECK(a.send(1) == Outcome::ok);
  });
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) CHECK(b.receive() == 2);
  });
  for (int i = 0; i < 2 * rounds; ++i)
    ++(select(on_receive(a), on_send(b, 2)) == 0 ? received : sent);
  CHECK(sent == rounds);
  CHECK(received == rounds);
}

TEST_CASE("crossbeam select loop_try: tries with default meet when repeated (C11)") {
  for (std::size_t round = 0; round < support::scaled(100); ++round) {
    const Channel<int> a = Channel<int>::make("a");
    const Channel<int> b = Channel<int>::make("b", 1);
    support::Threads threads;
    threads.run(
        [&] { support::wait_until([&] { return select(on_send(a, 1), otherwise()) == 0; }); });
    threads.run(
        [&] { support::wait_until([&] { return select(on_receive(b), otherwise()) == 0; }); });
    CHECK(select(on_receive(a), csp::after(1h)) == 0);
    CHECK(b.send(2) == Outcome::ok);
  }
}

TEST_CASE(
    "crossbeam select cloning, preflight, sync_and_clone, issue_1096: copied handles (C25, C45)") {
  for (std::size_t round = 0; round < support::scaled(500); ++round) {
    Channel<int> c = Channel<int>::make("c", round % 2);
    const Channel<int> quiet = Channel<int>::make("quiet");
    support::Threads threads;
    threads.run([copy = c] {
      const Channel<int> again = copy;  // copied while the select below may be waiting
      CHECK(again.send(1) == Outcome::ok);
    });
    CHECK(select(on_receive(Channel<int>(c)), on_receive(quiet)) == 0);
    c = {};
  }
}

TEST_CASE("crossbeam select linearizable_try, linearizable_timeout (C24, C35)") {
  constexpr int kThreads = 4;
  const Channel<int> a = Channel<int>::make("a", kThreads);
  const Channel<int> b = Channel<int>::make("b", kThreads);
  std::atomic<int> misses{0};
  support::Threads threads;
  threads.run_each(kThreads, [&](int) {
    for (std::size_t i = 0; i < support::scaled(5000); ++i) {
      select(on_send(a, 1), on_send(b, 1));
      misses += select(on_receive(a), on_receive(b), otherwise()) == 2;
      CHECK(a.send(1) == Outcome::ok);
      misses += csp::select_in_order(on_receive(a), on_receive(b), csp::after(0s)) == 2;
    }
  });
  threads.join();
  CHECK(misses == 0);
}

TEST_CASE("crossbeam select duplicate_operations, send_recv_same_channel (C26, C27)") {
  const Channel<int> c = Channel<int>::make("c");
  CHECK(select(on_send(c, 1), on_send(c, 2), on_receive(c), on_receive(c), csp::after(1ms)) == 4);
  support::Threads threads;
  threads.run_each(2, [&](int) {
    for (std::size_t i = 0; i < support::scaled(500); ++i) {
      select(on_receive(c), on_send(c, 1), on_receive(c), on_send(c, 2));
    }
  });
  threads.join();
  CHECK(support::nobody_waits(c));
}

TEST_CASE(
    "crossbeam select matching, matching_with_leftover: n selects pair on one channel (C26)") {
  for (const int count : {8, 9}) {
    CAPTURE(count);
    for (std::size_t round = 0; round < support::scaled(50); ++round) {
      const Channel<int> c = Channel<int>::make("c");
      std::atomic<int> own{0};
      support::Threads threads;
      threads.run_each(count, [&](int me) {
        select(on_receive(c, [&](std::optional<int> from) { own += from == me; }),
               on_send(c, int{me}));
      });
      if (count % 2 == 1) {
        // With an odd number one select remains, waiting on both sides, until a peer comes.
        csp::Received<int> got{Outcome::timeout, {}};
        support::wait_until([&] {
          return support::waiting_senders(c) == 1 && support::waiting_receivers(c) == 1 &&
                 bool(got = c.try_receive());
        });
        threads.join();
      }
      threads.join();
      CHECK(own == 0);
      CHECK(support::nobody_waits(c));
    }
  }
}

TEST_CASE(
    "crossbeam select nesting, case_blocks, recv_in_send: handlers that select again (C32, C34)") {
  const Channel<int> c = Channel<int>::make("c", 1);
  std::vector<int> order;
  const std::function<void(int)> nest = [&](int depth) {
    if (depth == 4) return;
    select(on_send(c, int{depth}), on_receive(c, [&](std::optional<int>) { order.push_back(-1); }));
    select(on_receive(c,
                      [&](std::optional<int> got) {
                        order.push_back(*got);
                        nest(depth + 1);
                      }),
           on_send(c, -1));
  };
  nest(0);
  CHECK(order == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("crossbeam select move_handles, handles_on_heap: cases own or refer to handles (C32)") {
  Channel<int> c = Channel<int>::make("c", 1);
  const auto on_heap = std::make_unique<Channel<int>>(c);
  CHECK(select(on_send(*on_heap, 1), on_receive(*on_heap)) == 0);
  CHECK(select(on_receive(std::move(c)), otherwise()) == 0);
}

TEST_CASE("crossbeam select panic_sender, uncompleted_select: throwing expressions (C34, C36)") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const Channel<int> quiet = Channel<int>::make("quiet");
  const auto throwing = []() -> int { throw std::runtime_error("value"); };
  CHECK_THROWS_AS(select(on_receive(quiet), on_send(c, throwing())), std::runtime_error);
  CHECK(c.size() == 0);
  CHECK(support::nobody_waits(quiet));
  support::Threads threads;
  threads.run([&] { CHECK(quiet.receive() == 1); });
  // The handler throws after the hand-off, so the peer has its value.
  const auto handler = [](Outcome) { throw std::runtime_error("handler"); };
  CHECK_THROWS_AS(select(on_send(quiet, 1, handler), csp::after(1h)), std::runtime_error);
}

TEST_CASE("crossbeam select stress_recv, stress_send, stress_mixed: alternating with plain (C8)") {
  const int rounds = int(support::scaled(3000));
  const Channel<int> in = Channel<int>::make("in");
  const Channel<int> out = Channel<int>::make("out");
  const Channel<int> turn = Channel<int>::make("turn");
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) {
      CHECK(in.send(int{i}) == Outcome::ok);
      CHECK(out.receive() == i);
      CHECK(turn.send(int{i}) == Outcome::ok);
    }
  });
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    for (int step = 0; step < 2; ++step) {
      std::optional<int> got = i;
      select(on_receive(in, got), on_send(out, int{i}));
      wrong += got != i;
    }
    wrong += turn.receive() != i;
  }
  CHECK(wrong == 0);
}

TEST_CASE("copper: a select on one closed and one open channel, handlers side by side (C33, C34)") {
  const Channel<int> closed = Channel<int>::make("closed");
  const Channel<int> open = Channel<int>::make("open", 1);
  CHECK(closed.close() == Outcome::ok);
  CHECK(select(on_receive(closed), csp::when(false, on_receive(open))) == 0);
  // Two handlers on the same channel must be able to run at the same time: each waits for the
  // other.
  const Channel<int> c = Channel<int>::make("c", 2);
  CHECK(c.send(1) == Outcome::ok);
  CHECK(c.send(2) == Outcome::ok);
  std::atomic<int> inside{0};
  support::Threads threads;
  threads.run_each(2, [&](int) {
    select(on_receive(c, [&](std::optional<int>) {
      ++inside;
      support::wait_until([&] { return inside == 2; });
    }));
  });
}

TEST_SUITE_END();
