// SPDX-License-Identifier: Apache-2.0
//
// Time: C35 (what a timeout means) and C36 (a timeout that meets a hand-off). The tests check
// against the clock that nothing happens early. They do not check that nothing is late, since a
// busy machine may always be late. The races give each operation about the time that its peer
// needs.
#include <doctest/doctest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <limits>
#include <memory>
#include <thread>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/signals.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Clock;
using csp::Outcome;
using namespace std::chrono_literals;
using Box = std::unique_ptr<int>;

long voluntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

template <class Duration>
void check_waits_for_ever(Duration duration) {
  const Channel<int> c = Channel<int>::make("c");
  support::Threads threads;
  threads.run([&] { CHECK(c.receive_for(duration).value == 1); });
  threads.run([&] {
    int got = 0;
    csp::select(csp::on_receive(c, [&](std::optional<int> value) { got = *value; }),
                csp::after(duration));
    CHECK(got == 1);
  });
  support::wait_for_receivers(c, 2);
  CHECK(c.send_for(1, duration) == Outcome::ok);
  CHECK(c.send(1) == Outcome::ok);
}

template <class Duration>
void check_is_a_try(Duration duration) {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.receive_for(duration).outcome == Outcome::timeout);
  CHECK(c.send_for(1, duration) == Outcome::ok);
  CHECK(c.send_for(2, duration) == Outcome::timeout);
  CHECK(c.receive_for(duration).value == 1);
  CHECK(csp::select(csp::on_receive(c), csp::after(duration)) == 1);
}

}  // namespace

TEST_SUITE_BEGIN("timeout");

TEST_CASE("C35: a timeout is never early") {
  const Channel<int> c = Channel<int>::make("c");
  for (const std::chrono::nanoseconds duration :
       {std::chrono::nanoseconds(1), std::chrono::nanoseconds(50us), std::chrono::nanoseconds(3ms),
        std::chrono::nanoseconds(20ms)}) {
    const Clock::time_point began = Clock::now();
    CHECK(c.receive_for(duration).outcome == Outcome::timeout);
    CHECK(Clock::now() - began >= duration);
    const Clock::time_point deadline = Clock::now() + duration;
    CHECK(c.send_until(1, deadline) == Outcome::timeout);
    CHECK(Clock::now() >= deadline);
    const Clock::time_point select_began = Clock::now();
    CHECK(csp::select(csp::on_receive(c), csp::on_send(c, 1), csp::after(duration)) == 2);
    CHECK(Clock::now() - select_began >= duration);
  }
  CHECK(support::nobody_waits(c));
}

TEST_CASE("C35: a ready operation beats its own expired deadline") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const Clock::time_point past = Clock::now() - 1h;
  for (int i = 0; i < 100; ++i) {
    CHECK(c.send_until(int{i}, past) == Outcome::ok);
    CHECK(c.receive_until(past).value == i);
    CHECK(c.send_until(int{i}, csp::kAtOnce) == Outcome::ok);
    CHECK(csp::select_in_order(csp::on_receive(c), csp::until(past)) == 0);
  }
  CHECK(c.receive_until(past).outcome == Outcome::timeout);
}

TEST_CASE("C35: zero, negative and not-a-number durations are a try, without a system call") {
  check_is_a_try(0s);
  check_is_a_try(-1ns);
  check_is_a_try(std::chrono::hours::min());
  check_is_a_try(std::chrono::duration<double>(-1e300));
  check_is_a_try(std::chrono::duration<double>(std::numeric_limits<double>::quiet_NaN()));
  const Channel<int> c = Channel<int>::make("c");
  const long before = voluntary_switches();
  for (int i = 0; i < 10000; ++i) (void)c.send_for(1, 0s);
  CHECK(voluntary_switches() - before <= 3);  // it never sleeps
}

TEST_CASE("C35: duration::max() and anything that overflows mean for ever") {
  check_waits_for_ever(std::chrono::nanoseconds::max());
  check_waits_for_ever(std::chrono::seconds::max());
  check_waits_for_ever(std::chrono::hours::max());
  check_waits_for_ever(std::chrono::years::max());
  check_waits_for_ever(std::chrono::years(300));
  check_waits_for_ever(std::chrono::duration<double>(1e300));
  check_waits_for_ever(std::chrono::duration<float>(std::numeric_limits<float>::infinity()));
  check_waits_for_ever(Clock::time_point::max() - Clock::now());
  check_waits_for_ever(Clock::time_point::max() - Clock::now() - 1h);
}

TEST_CASE("C35: signals do not disturb a blocked operation") {
  const support::Handled handled(SIGUSR1, [](int) {});
  const Channel<int> quiet = Channel<int>::make("quiet");
  const Channel<int> c = Channel<int>::make("c");
  std::atomic<bool> done{false};
  std::atomic<pthread_t> blocked{};
  std::atomic<bool> known{false};
  support::Threads threads;
  threads.run([&] {
    blocked = pthread_self();
    known = true;
    CHECK(quiet.receive_for(30ms).outcome == Outcome::timeout);
    CHECK(c.receive() == 1);
    CHECK(c.receive_for(1h).value == 2);
    CHECK(csp::select(csp::on_receive(c), csp::after(1h)) == 0);
    done = true;
    c.receive();  // keeps blocking, so that a thread receives the signals
  });
  support::wait_until([&] { return known.load(); });
  threads.run([&] {
    while (!done) {
      pthread_kill(blocked, SIGUSR1);
      std::this_thread::yield();
    }
    CHECK(c.close() == Outcome::ok);
  });
  for (int i = 1; i <= 3; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  threads.join();
}

TEST_CASE("C36: a send that times out keeps its value; one that is ok has been received") {
  for (const std::size_t capacity : {0, 1}) {
    CAPTURE(capacity);
    const Channel<Box> c = Channel<Box>::make("c", capacity);
    Box mine;
    Outcome outcome = Outcome::ok;
    csp::Received<Box> received{Outcome::ok, {}};
    support::race(
        support::scaled(10000), [&] { mine = std::make_unique<int>(1); },
        [&] { outcome = c.send_for(std::move(mine), 2us); }, [&] { received = c.receive_for(2us); },
        [&] {
          CHECK((outcome == Outcome::ok || outcome == Outcome::timeout));
          CHECK((outcome == Outcome::ok) == !mine);
          if (capacity == 0) CHECK((outcome == Outcome::ok) == bool(received));
          if (outcome == Outcome::ok && !received) CHECK(c.try_receive().outcome == Outcome::ok);
          CHECK(c.size() == 0);
          CHECK(support::nobody_waits(c));
        });
    // The channel works as before.
    support::Threads threads;
    threads.run([&] { CHECK(c.send(std::make_unique<int>(2)) == Outcome::ok); });
    CHECK(**c.receive() == 2);
  }
}

TEST_CASE("C36: a stop request that meets a hand-off leaves the value with one of the two") {
  const Channel<Box> c = Channel<Box>::make("c");
  std::stop_source stop;
  Outcome sent = Outcome::ok;
  std::atomic<bool> given_up{false};
  Box mine;
  int taken = 0;
  support::race(
      support::scaled(10000),
      [&] {
        mine = std::make_unique<int>(1);
        stop = std::stop_source();
        given_up = false;
      },
      [&] {
        sent = c.send(std::move(mine), stop.get_token());
        given_up = true;
      },
      [&] {
        if (support::waiting_senders(c) == 0) std::this_thread::yield();
        stop.request_stop();
        taken += bool(c.try_receive());
      },
      [&] {
        CHECK((sent == Outcome::ok) == !mine);
        CHECK(support::nobody_waits(c));
        CHECK(taken == (sent == Outcome::ok ? 1 : 0));
        taken = 0;
      });
}

TEST_CASE("C36: no value is lost or doubled while timed operations of all kinds meet") {
  for (const std::size_t capacity : {0, 1, 3}) {
    CAPTURE(capacity);
    const Channel<Box> c = Channel<Box>::make("c", capacity);
    std::atomic<int> sent{0};
    std::atomic<int> received{0};
    std::atomic<int> broken{0};
    const int rounds = int(support::scaled(3000));
    support::Threads threads;
    threads.run_each(2, [&](int me) {
      std::mt19937_64 random = support::generator(std::uint64_t(me));
      for (int i = 0; i < rounds; ++i) {
        Box mine = std::make_unique<int>(1);
        const Outcome outcome =
            c.send_for(std::move(mine), std::chrono::nanoseconds(random() % 9000));
        broken += (outcome == Outcome::ok) == bool(mine);
        sent += outcome == Outcome::ok;
      }
    });
    threads.run_each(2, [&](int me) {
      std::mt19937_64 random = support::generator(10 + std::uint64_t(me));
      for (int i = 0; i < rounds; ++i) {
        const std::chrono::nanoseconds patience(random() % 9000);
        if (i % 2 == 0) {
          const csp::Received<Box> got = c.receive_for(patience);
          broken += bool(got) != (got.value && *got.value);
          received += bool(got);
        } else {
          csp::select(csp::on_receive(c, [&](std::optional<Box> got) { received += bool(*got); }),
                      csp::after(patience));
        }
      }
    });
    threads.join();
    CHECK(broken == 0);
    CHECK(sent == received + int(c.size()));
    CHECK(support::nobody_waits(c));
  }
}

TEST_SUITE_END();
