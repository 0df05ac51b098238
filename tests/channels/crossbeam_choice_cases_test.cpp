// SPDX-License-Identifier: Apache-2.0
//
// crossbeam-channel's tests of fairness, order, iteration and timers, restated. Each case names its
// origin. crossbeam's timer channels are the cases `after` and `until` here; its `never` is a nil
// channel.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <vector>

#include "support/chi_square.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Clock;
using csp::on_receive;
using csp::on_send;
using csp::otherwise;
using csp::Outcome;
using csp::select;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE_BEGIN("crossbeam_choice_cases");

TEST_CASE("crossbeam fairness, fairness1: buffered and closed channels, chosen equally (C30)") {
  const std::size_t rounds = support::scaled(20000);
  const Channel<int> a = Channel<int>::make("a", rounds);
  const Channel<int> b = Channel<int>::make("b", rounds);
  const Channel<int> closed = Channel<int>::make("closed");
  CHECK(closed.close() == Outcome::ok);
  for (std::size_t i = 0; i < rounds; ++i) {
    CHECK(a.send(1) == Outcome::ok);
    CHECK(b.send(2) == Outcome::ok);
  }
  std::vector<std::size_t> hits(3);
  for (std::size_t i = 0; i < rounds; ++i) {
    ++hits[select(on_receive(a), on_receive(b), on_receive(closed))];
  }
  CHECK(support::is_uniform(hits));
}

TEST_CASE("crossbeam fairness2: unbuffered peers of different kinds all get through (C31)") {
  const int rounds = int(support::scaled(3000));
  const Channel<int> rendezvous = Channel<int>::make("rendezvous");
  const Channel<int> small = Channel<int>::make("small", 1);
  const Channel<int> large = Channel<int>::make("large", 100);
  std::atomic<bool> done{false};
  std::array<int, 3> hits{};
  support::Threads threads;
  threads.run([&] {
    while (!done) {
      const Channel<int> nil;
      select(on_send(small.size() == 0 ? small : nil, 1),
             on_send(large.size() == 0 ? large : nil, 2), on_send(rendezvous, 0), csp::after(1ms));
    }
  });
  for (int i = 0; i < rounds; ++i) {
    ++hits[select(on_receive(rendezvous), on_receive(small), on_receive(large))];
  }
  done = true;
  threads.join();
  for (const int count : hits) CHECK(count >= rounds / 50);
}

TEST_CASE("crossbeam fairness_duplicates, fairness_send, fairness_recv (C27, C30)") {
  const std::size_t rounds = support::scaled(20000);
  const Channel<int> c = Channel<int>::make("c", 1);
  std::vector<std::size_t> sends(5);
  std::vector<std::size_t> receives(5);
  for (std::size_t i = 0; i < rounds; ++i) {
    ++sends[select(on_send(c, 1), on_send(c, 1), on_send(c, 1), on_send(c, 1), on_send(c, 1))];
    ++receives[select(on_receive(c), on_receive(c), on_receive(c), on_receive(c), on_receive(c))];
  }
  CHECK(support::is_uniform(sends));
  CHECK(support::is_uniform(receives));
}

TEST_CASE("crossbeam unfairness, unfairness_try, unfairness_timeout: strictly in order (C30)") {
  const Channel<int> a = Channel<int>::make("a", 100);
  const Channel<int> b = Channel<int>::make("b", 100);
  const Channel<int> closed = Channel<int>::make("closed");
  CHECK(closed.close() == Outcome::ok);
  for (int i = 0; i < 100; ++i) {
    CHECK(a.send(1) == Outcome::ok);
    CHECK(b.send(2) == Outcome::ok);
  }
  for (int i = 0; i < 100; ++i) {
    CHECK(csp::select_in_order(on_receive(a), on_receive(b), on_receive(closed)) == 0);
  }
  for (int i = 0; i < 50; ++i) {
    CHECK(csp::select_in_order(on_receive(a), on_receive(b), on_receive(closed), otherwise()) == 1);
    CHECK(csp::select_in_order(on_receive(a), on_receive(b), on_receive(closed), csp::after(1h)) ==
          1);
  }
  CHECK(csp::select_in_order(on_receive(a), on_receive(b), on_receive(closed), otherwise()) == 2);
}

TEST_CASE("crossbeam iter, recv_into_iter, nested_recv_iter: range loops end at close (C19)") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> total = Channel<int>::make("total");
  support::Threads threads;
  threads.run([&] {
    int sum = 0;
    for (const int value : c) sum += value;
    CHECK(total.send(std::move(sum)) == Outcome::ok);
  });
  for (const int value : {3, 1, 2}) CHECK(c.send(int{value}) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  CHECK(total.receive() == 6);
  threads.join();

  const Channel<int> broken_off = Channel<int>::make("broken_off", 3);
  for (const int value : {1, 2, 3}) CHECK(broken_off.send(int{value}) == Outcome::ok);
  for (const int value : broken_off) {
    if (value == 2) break;
  }
  CHECK(broken_off.receive() == 3);  // a loop that is left takes no further value
}

TEST_CASE("crossbeam after: fires when its time has come, and not before (C35)") {
  const Channel<int> quiet = Channel<int>::make("quiet");
  const Clock::time_point began = Clock::now();
  CHECK(select(on_receive(quiet), csp::after(5ms)) == 1);
  CHECK(Clock::now() - began >= 5ms);
  CHECK(select(csp::after(50ms), csp::after(1ms), on_receive(quiet)) == 1);
}

TEST_CASE("crossbeam tick: intervals kept by until, without drift (C35)") {
  const Channel<int> quiet = Channel<int>::make("quiet");
  const Clock::time_point began = Clock::now();
  Clock::time_point next = began;
  for (int i = 1; i <= 10; ++i) {
    next += 1ms;
    CHECK(select(on_receive(quiet), csp::until(next)) == 1);
    CHECK(Clock::now() >= began + i * 1ms);
  }
}

TEST_CASE(
    "crossbeam tick after reset: serve restarts its timeout each round, with no stale tick (C35)") {
  const Channel<int> c = Channel<int>::make("c", 100);
  for (int i = 0; i < 100; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  int received = 0;
  Clock::time_point last = Clock::now();
  csp::serve(on_receive(c,
                        [&](std::optional<int>) {
                          ++received;
                          last = Clock::now();
                        }),
             csp::after(3ms, [&] {
               CHECK(Clock::now() - last >= 3ms);
               return csp::stop;
             }));
  CHECK(received == 100);
}

TEST_CASE("crossbeam never: an optional case is a nil channel (C20, C21)") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.send(1) == Outcome::ok);
  for (const bool enabled : {false, true}) {
    const Channel<int> optional = enabled ? c : Channel<int>();
    CHECK(select(on_receive(optional), otherwise()) == (enabled ? 0 : 1));
  }
}

TEST_CASE("crossbeam same_channel: handles compare by channel (C45)") {
  const Channel<int> a = Channel<int>::make("same");
  const Channel<int> copy = a;
  const Channel<int> b = Channel<int>::make("same");
  CHECK(a == copy);
  CHECK(a != b);
  CHECK(Channel<int>() == Channel<int>());
  CHECK(a != Channel<int>());
}

TEST_SUITE_END();
