// SPDX-License-Identifier: Apache-2.0
//
// When a waiting thread stops yielding: the pauses of seam/give_way.hpp, with times made up by the
// test.
#include "seam/give_way.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace std::chrono_literals;
using csp::detail::seam::Clock;
using csp::detail::seam::YieldPauses;

namespace {

/// Yields again and again, each time for `yield`, as soon as no pause forbids it, and returns the
/// pauses that follow.
std::vector<Clock::duration> pauses_of(YieldPauses& pauses, Clock::time_point& now, int yields,
                                       Clock::duration yield) {
  std::vector<Clock::duration> lengths;
  for (int i = 0; i < yields; ++i) {
    pauses.record(now, now + yield);
    now += yield;
    const Clock::time_point begin = now;
    while (pauses.pausing(now)) now += 1ms;
    lengths.push_back(now - begin);
  }
  return lengths;
}

TEST_SUITE("give_way") {
  TEST_CASE("C51: short yields make no pause") {
    YieldPauses pauses;
    Clock::time_point now = Clock::time_point(1h);
    for (int i = 0; i < 1'000; ++i) {
      CHECK(pauses.record(now, now + 999us));
      now += 999us;
      REQUIRE_FALSE(pauses.pausing(now));
    }
  }

  TEST_CASE("C51: a long yield makes a pause of 1 ms") {
    YieldPauses pauses;
    Clock::time_point now = Clock::time_point(1h);
    CHECK_FALSE(pauses.record(now, now + 3ms));
    CHECK(pauses.pausing(now + 3ms));
    CHECK(pauses.pausing(now + 4ms - 1ns));
    CHECK_FALSE(pauses.pausing(now + 4ms));
  }

  TEST_CASE("C51: long yields in succession make pauses of up to 256 ms") {
    YieldPauses pauses;
    Clock::time_point now = Clock::time_point(1h);
    const std::vector<Clock::duration> expected = {1ms, 4ms, 16ms, 64ms, 256ms, 256ms};
    CHECK(pauses_of(pauses, now, 6, 3ms) == expected);
  }

  TEST_CASE("C51: short yields between long ones do not shorten the pauses") {
    YieldPauses pauses;
    Clock::time_point now = Clock::time_point(1h);
    (void)pauses_of(pauses, now, 5, 3ms);
    for (int i = 0; i < 1'000; ++i) CHECK(pauses.record(now, now += 1us));
    CHECK(pauses_of(pauses, now, 1, 3ms).front() == 256ms);
  }

  TEST_CASE("C51: the threads that yielded to one time slice make one pause") {
    YieldPauses pauses;
    const Clock::time_point now = Clock::time_point(1h);
    for (int thread = 0; thread < 100; ++thread) {
      CHECK_FALSE(pauses.record(now + thread * 1us, now + 3ms));
    }
    CHECK_FALSE(pauses.pausing(now + 4ms));
  }

  TEST_CASE("C51: after 16 times its length without a long yield a pause is 1 ms again") {
    YieldPauses pauses;
    Clock::time_point now = Clock::time_point(1h);
    (void)pauses_of(pauses, now, 3, 3ms);  // the last one of 16 ms
    now += 16 * 16ms;
    CHECK(pauses_of(pauses, now, 1, 3ms).front() == 1ms);
    CHECK(pauses_of(pauses, now, 1, 3ms).front() == 4ms);
  }
}

}  // namespace
