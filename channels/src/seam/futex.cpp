// SPDX-License-Identifier: Apache-2.0
//
// The seam on the real machine (seam.hpp): sleeping and waking by futex, and the number of
// processors for the spin limit. Threads are in thread.cpp. A build that names a seam of its own
// does not compile this file.
#include "seam/signal.hpp"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

namespace csp::detail::seam {

bool sleep(Word& word, std::uint32_t expected, Clock::time_point deadline) {
  static_assert(sizeof(Word) == sizeof(std::uint32_t), "futex needs a plain 32-bit word");
  // A time before the clock's zero has passed, as zero has.
  const auto at = std::max(deadline.time_since_epoch(), Clock::duration::zero());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const timespec until{seconds.count(), std::chrono::nanoseconds(at - seconds).count()};
  const timespec* const timeout = deadline == Clock::time_point::max() ? nullptr : &until;
  // WAIT_BITSET takes an absolute time of the monotonic clock, so neither a signal nor a change of
  // the wall clock extends the wait (C35).
  const long result = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                              timeout, nullptr, FUTEX_BITSET_MATCH_ANY);
  return !(result == -1 && errno == ETIMEDOUT);
}

void wake_one(const Word* word) {
  syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr, nullptr, 0);
}

unsigned spin_limit() {
  // Computed once: a program that is later restricted to one processor only wastes a few
  // microseconds of spinning.
  static const unsigned limit = [] {
    cpu_set_t set;
    const bool one = sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) <= 1;
    return one ? 0U : 100U;
  }();
  return limit;
}

}  // namespace csp::detail::seam
