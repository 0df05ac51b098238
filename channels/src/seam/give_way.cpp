// SPDX-License-Identifier: Apache-2.0
//
// give_way(): one sched_yield, unless yielding has lately been expensive.
//
// The thread that a waiting thread waits for is often ready on the same processor: three threads of
// a stream share two. A yield lets it run at once, for less than a microsecond; sleeping and being
// woken would cost ten. But where threads of other programs are ready too, the yield gives them the
// processor for their whole time slice, some milliseconds. So a yield that took long ends all
// yielding for a while: for 1 ms, since any computer hesitates now and then, and four times as long
// for each further one, up to 256 ms, as long as none was short in between. Beside foreign load a
// program thus loses at most one time slice in 256 ms.
#include <sched.h>

#include <algorithm>
#include <atomic>

#include "seam/seam.hpp"

namespace csp::detail::seam {
namespace {

constexpr Clock::rep kFirstPause = Clock::duration(std::chrono::milliseconds(1)).count();
constexpr Clock::rep kLong = kFirstPause;
constexpr Clock::rep kLongestPause = 256 * kFirstPause;

// relaxed, all of them: they say when to yield, and order nothing. A thread that sees an old value
// yields once too often or too seldom.
constinit std::atomic<Clock::rep> no_yield_before = 0;
constinit std::atomic<Clock::rep> pause_after_long = kFirstPause;

}  // namespace

bool give_way() {
  const Clock::rep begin = now().time_since_epoch().count();
  if (begin < no_yield_before.load(std::memory_order_relaxed)) return false;
  sched_yield();
  const Clock::rep end = now().time_since_epoch().count();
  if (end - begin < kLong) return true;
  const Clock::rep since = begin - no_yield_before.load(std::memory_order_relaxed);
  if (since < 0) return false;  // another thread has reported the same time slice
  Clock::rep pause = pause_after_long.load(std::memory_order_relaxed);
  pause = since < 16 * pause ? std::min(4 * pause, kLongestPause) : kFirstPause;
  pause_after_long.store(pause, std::memory_order_relaxed);
  no_yield_before.store(end + pause, std::memory_order_relaxed);
  return false;
}

}  // namespace csp::detail::seam
