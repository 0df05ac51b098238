// SPDX-License-Identifier: Apache-2.0
//
// C37: cancellation by stop_token. A stop request wakes blocked operations and leaves no operation
// registered; a plain operation that is ready beats it; and no channel ever delays the thread that
// requests stop.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <mutex>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

// A value whose move, when armed, blocks inside the channel until it is released.
std::atomic<bool> hold{false};
std::atomic<bool> held{false};

struct Holding {
  Holding() = default;
  Holding(Holding&&) noexcept {
    if (!hold) return;
    held = true;
    hold.wait(true);
  }
};

}  // namespace

TEST_SUITE_BEGIN("cancel");

TEST_CASE("C37: a stop request wakes blocked operations of every form and leaves nothing behind") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> full = Channel<int>::make("full", 1);
  CHECK(full.send(0) == Outcome::ok);
  std::stop_source stop;
  const std::stop_token token = stop.get_token();
  support::Threads threads;
  threads.run([&] { CHECK(c.receive(token).outcome == Outcome::cancelled); });
  threads.run([&] { CHECK(c.receive_for(1h, token).outcome == Outcome::cancelled); });
  threads.run([&] { CHECK(csp::select(csp::on_receive(c), csp::on_stop(token)) == 1); });
  threads.run([&] { CHECK(full.send(1, token) == Outcome::cancelled); });
  threads.run([&] { CHECK(full.send_for(1, 1h, token) == Outcome::cancelled); });
  threads.run([&] {
    bool told = false;
    CHECK(csp::select(csp::on_send(full, 1), csp::after(1h),
                      csp::on_stop(token, [&] { told = true; })) == 2);
    CHECK(told);
  });
  support::wait_for_receivers(c, 3);
  support::wait_for_senders(full, 3);
  CHECK(stop.request_stop());
  threads.join();
  CHECK(support::nobody_waits(c));
  CHECK(support::nobody_waits(full));
  CHECK(full.receive() == 0);
}

TEST_CASE("C37: an operation that is ready at entry wins over a stop already requested") {
  const Channel<int> c = Channel<int>::make("c", 1);
  std::stop_source stop;
  stop.request_stop();
  const std::stop_token token = stop.get_token();
  for (int i = 0; i < 100; ++i) {
    CHECK(c.send(int{i}, token) == Outcome::ok);
    CHECK(c.send(int{i}, token) == Outcome::cancelled);
    CHECK(c.receive(token).value == i);
    CHECK(c.receive(token).outcome == Outcome::cancelled);
    CHECK(csp::select_in_order(csp::on_send(c, int{i}), csp::on_stop(token)) == 0);
    CHECK(csp::select_in_order(csp::on_stop(token), csp::on_receive(c)) == 0);
    CHECK(csp::select_in_order(csp::on_receive(c), csp::on_stop(token)) == 0);
    CHECK(csp::select(csp::on_receive(c), csp::on_stop(token)) == 1);
  }
  CHECK(c.close() == Outcome::ok);
  CHECK(c.receive(token).outcome == Outcome::closed);
  CHECK(c.send(1, token) == Outcome::closed);
}

TEST_CASE("C24 C37: a requested stop beats otherwise, a try, and a time that has not come") {
  const Channel<int> c = Channel<int>::make("c");
  std::stop_source stop;
  stop.request_stop();
  bool called = false;
  CHECK(csp::select(csp::on_receive(c), csp::on_stop(stop.get_token(), [&] { called = true; }),
                    csp::otherwise()) == 1);
  CHECK(called);
  CHECK(c.send_for(1, 0s, stop.get_token()) == Outcome::cancelled);
  CHECK(c.send_for(1, 1ns, stop.get_token()) == Outcome::cancelled);
  CHECK(c.receive_for(0s, stop.get_token()).outcome == Outcome::cancelled);
  CHECK(c.receive_until(csp::Clock::now() - 1h, stop.get_token()).outcome == Outcome::cancelled);
  CHECK(csp::select(csp::on_receive(c), csp::on_stop(stop.get_token()), csp::after(1h)) == 1);
}

// The handler always leaves another value, so the channel is ready in every round. As in Go, the
// stop is still chosen. The bound is in rounds, not in time: a fair choice takes the stop with
// probability 1/2 in each round, so 200 rounds without it cannot be chance.
TEST_CASE("C30 C37: neither a stop nor a time starves behind a backlog") {
  const Channel<int> c = Channel<int>::make("c", 1);
  for (int round = 0; round < 20; ++round) {
    std::stop_source stop;
    const auto past = csp::Clock::now();
    int taken = 0;
    const auto take_one_and_put_one = [&](int n) {
      if (++taken == 5) stop.request_stop();
      (void)c.send(n);
    };
    (void)c.send(round);
    csp::serve(csp::on_receive(c, take_one_and_put_one),
               csp::on_stop(stop.get_token(), [] { return csp::stop; }));
    CHECK(taken < 5 + 200);
    taken = 6;
    csp::serve(csp::on_receive(c, take_one_and_put_one),
               csp::until(past, [] { return csp::stop; }));
    CHECK(taken < 6 + 200);
    c.receive();
  }
}

TEST_CASE("C37: a token that can never be stopped acts as no token") {
  const Channel<int> c = Channel<int>::make("c");
  support::Threads threads;
  threads.run([&] { CHECK(c.receive(std::stop_token()).value == 1); });
  support::wait_for_receivers(c, 1);
  CHECK(c.send(1, std::stop_token()) == Outcome::ok);
}

TEST_CASE("C37: requesting stop does not wait for a channel's lock") {
  const Channel<Holding> c = Channel<Holding>::make("c", 1);
  const Channel<Holding> quiet = Channel<Holding>::make("quiet");
  std::stop_source stop;
  std::atomic<bool> requested{false};
  support::Threads threads;
  threads.run([&] {
    // Blocked on both channels. The select must wake although c's lock is held when stop is
    // requested.
    CHECK(csp::select(csp::on_receive(c), csp::on_receive(quiet), csp::on_stop(stop.get_token())) !=
          1);
  });
  support::wait_for_receivers(quiet, 1);
  held = false;
  threads.run([&] {
    Holding value;
    hold = true;
    CHECK(c.send(std::move(value)) == Outcome::ok);
  });
  support::wait_until([] { return held.load(); });
  stop.request_stop();  // would hang here if it needed c's lock
  requested = true;
  CHECK(requested);
  hold = false;
  hold.notify_all();
}

TEST_CASE("C37: a stop requested in a handler ends the next operation") {
  const Channel<int> c = Channel<int>::make("c", 2);
  CHECK(c.send(1) == Outcome::ok);
  std::stop_source stop;
  int rounds = 0;
  csp::serve(csp::on_receive(c,
                             [&](std::optional<int>) {
                               ++rounds;
                               stop.request_stop();
                             }),
             csp::on_stop(stop.get_token(), [] { return csp::stop; }));
  CHECK(rounds == 1);
}

TEST_CASE("C37: frequent stop requests lose no value and leave nothing registered") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b", 1);
  constexpr int kWorkers = 4;
  const int rounds = int(support::scaled(3000));
  std::atomic<int> sent{0};
  std::atomic<int> received{0};
  std::atomic<int> working{kWorkers};
  std::array<std::atomic<std::stop_source*>, kWorkers> current{};
  std::array<std::mutex, kWorkers> guard;
  support::Threads threads;
  threads.run_each(kWorkers, [&](int me) {
    const std::size_t my = std::size_t(me);
    for (int i = 0; i < rounds; ++i) {
      std::stop_source stop;
      current[my] = &stop;
      if (me % 2 == 0) {
        const auto count = [&](Outcome outcome) { sent += outcome == Outcome::ok; };
        csp::select(csp::on_send(a, 1, count), csp::on_send(b, 1, count),
                    csp::on_stop(stop.get_token()));
      } else {
        const auto count = [&](std::optional<int> got) { received += got.has_value(); };
        csp::select(csp::on_receive(b, count), csp::on_receive(a, count),
                    csp::on_stop(stop.get_token()));
      }
      // A requesting thread may still hold the source.
      const std::lock_guard<std::mutex> lock(guard[my]);
      current[my] = nullptr;
    }
    --working;
  });
  threads.run([&] {
    std::mt19937_64 random = support::generator();
    while (working > 0) {
      const std::size_t whom = random() % kWorkers;
      const std::lock_guard<std::mutex> lock(guard[whom]);
      if (std::stop_source* const stop = current[whom]) stop->request_stop();
    }
  });
  threads.join();
  CHECK(sent == received + int(b.size()));
  CHECK(support::nobody_waits(a));
  CHECK(support::nobody_waits(b));
}

TEST_SUITE_END();
