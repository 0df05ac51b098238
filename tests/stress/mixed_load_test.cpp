// SPDX-License-Identifier: Apache-2.0
//
// The load of load.hpp in many shapes: undisturbed (S1); on one processor, and with far more
// threads than processors (S9); and disturbed while it runs, by close (S6), by stop requests (S8),
// by signals that interrupt every wait, and by signals whose handler stalls a thread wherever it
// is, also inside a channel's own code (S9, S19). Its operations always include time-outs of zero,
// of a nanosecond, and of about the time of a hand-off (S7).
#include <doctest/doctest.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "stress/load.hpp"
#include "support/scale.hpp"
#include "support/signals.hpp"

namespace {

using stress::Load;
using stress::Random;
using stress::Shape;
using support::Handled;

constexpr std::array<std::array<std::size_t, 2>, 4> kCapacities{{{0, 0}, {0, 1}, {1, 2}, {3, 64}}};

/// One load for each pair of capacities, with about `values` values in total, disturbed or not.
template <class... F>
void run_all(int producers, int consumers, std::size_t values, F... disturb) {
  for (const auto& capacities : kCapacities) {
    CAPTURE(capacities[0]);
    CAPTURE(capacities[1]);
    CAPTURE(producers);
    const std::size_t each =
        std::max<std::size_t>(8, support::scaled(values)) / unsigned(producers);
    Load(Shape{producers, consumers, capacities, each + 1}).run(disturb...);
  }
}

/// Sends a signal to one of the load's threads, which exist as long as the load runs. The pause
/// afterwards lets the threads make progress between two signals; it orders nothing.
void signal_one(Load& load, Random& random, int number) {
  tgkill(getpid(), load.thread_of(random), number);
  std::this_thread::sleep_for(std::chrono::microseconds(random() % 100));
}

}  // namespace

TEST_SUITE_BEGIN("mixed load");

TEST_CASE(
    "S1 S7: every form of operation meets every other, and the books balance (C5 C6 C8 C11)") {
  for (const int producers : {1, 2, 4, 8}) run_all(producers, producers + 1, 20000);
}

TEST_CASE("S9: the books balance with 64 threads, 32 for each of two processors (C53)") {
  run_all(32, 32, 20000);
}

TEST_CASE("S9: the books balance on a single processor (C53)") {
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int i = 0; CPU_COUNT(&one) == 0; ++i) {
    if (CPU_ISSET(i, &before)) CPU_SET(i, &one);
  }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);  // threads made from here on inherit it
  run_all(3, 3, 20000);
  run_all(16, 16, 20000);
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}

TEST_CASE("S6: the books balance when the channels are closed at any moment (C16 C17)") {
  for (std::size_t round = support::scaled(100); round > 0; --round) {
    Random moments = support::generator(round);
    run_all(3, 3, 400, [&](Load& load, Random&) {
      load.wait_for_a_moment(moments);
      (void)load.channels()[moments() % 2].close();
    });
  }
}

TEST_CASE("S8: the books balance under constant stop requests (C37)") {
  run_all(4, 4, 10000, [](Load& load, Random& random) { load.request_stop(random); });
}

TEST_CASE("S19: the books balance while signals interrupt every wait (C35)") {
  const Handled handled(SIGUSR1, [](int) {});
  run_all(3, 3, 10000, [](Load& load, Random& random) { signal_one(load, random, SIGUSR1); });
}

TEST_CASE("S9: the books balance while threads stall for a millisecond at any point (C10)") {
  const Handled handled(SIGUSR2, [](int) {
    const timespec millisecond{0, 1'000'000};
    nanosleep(&millisecond, nullptr);
  });
  run_all(3, 3, 1000, [](Load& load, Random& random) { signal_one(load, random, SIGUSR2); });
}

TEST_SUITE_END();
