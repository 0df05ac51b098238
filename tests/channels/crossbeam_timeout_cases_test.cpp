// SPDX-License-Identifier: Apache-2.0
//
// crossbeam-channel's tests of timed sends and receives, restated. Each case names its origin.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>

#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE_BEGIN("crossbeam_timeout_cases");

TEST_CASE("crossbeam recv_timeout, send_timeout: timeout, then ok, then closed (C35)") {
  for (const std::size_t capacity : {0, 2}) {
    const Channel<int> c = Channel<int>::make("c", capacity);
    CHECK(c.receive_for(2ms).outcome == Outcome::timeout);
    support::Threads threads;
    threads.run([&] {
      CHECK(c.receive_for(1h).value == 7);
      CHECK(c.receive_for(1h).outcome == Outcome::closed);
    });
    CHECK(c.send_for(7, 1h) == Outcome::ok);
    support::wait_for_receivers(c, 1);
    CHECK(c.close() == Outcome::ok);
    CHECK(c.send_for(8, 1h) == Outcome::closed);
  }
}

TEST_CASE("crossbeam stress_timeout_two_threads: timeouts against real traffic, no loss (C36)") {
  // A wait without success doubles the next one: two threads that each wait only a microsecond
  // might never meet on a busy machine.
  const int values = int(support::scaled(2000));
  for (const std::size_t capacity : {0, 2}) {
    const Channel<int> c = Channel<int>::make("c", capacity);
    support::Threads threads;
    threads.run([&] {
      for (int i = 0; i < values; ++i) {
        int value = i;
        std::chrono::microseconds patience(i % 7);
        while (c.send_for(std::move(value), patience) != Outcome::ok) patience = 2 * patience + 1us;
      }
    });
    int wrong = 0;
    for (int i = 0; i < values; ++i) {
      csp::Received<int> got{Outcome::timeout, {}};
      std::chrono::microseconds patience((values - i) % 5);
      while (!(got = c.receive_for(patience))) patience = 2 * patience + 1us;
      wrong += got.value != i;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("crossbeam stress_recv_timeout_shared: receivers come and go by timeout (C36)") {
  constexpr int kReceivers = 4;
  const int values = int(support::scaled(1000));
  const Channel<int> c = Channel<int>::make("c", 1);
  std::atomic<int> received{0};
  support::Threads threads;
  threads.run_each(kReceivers, [&](int) {
    for (;;) {
      const csp::Received<int> got = c.receive_for(10us);
      received += bool(got);
      if (got.outcome == Outcome::closed) return;
    }
  });
  for (int i = 0; i < values; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  threads.join();
  CHECK(received == values);
}

TEST_CASE(
    "crossbeam recv_timeout_upgrade: a timeout, then handles are copied, then a value (C36)") {
  const Channel<int> c = Channel<int>::make("c");
  CHECK(c.receive_for(1us).outcome == Outcome::timeout);
  support::Threads threads;
  threads.run([copy = csp::Sender<int>(c)] { CHECK(copy.send(1) == Outcome::ok); });
  CHECK(c.receive() == 1);
}

TEST_CASE("crossbeam recv_timeout_nonempty_expired: a value beats an expired deadline (C35)") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.send(1) == Outcome::ok);
  CHECK(c.receive_until(csp::Clock::now() - 1s).value == 1);
}

TEST_SUITE_END();
