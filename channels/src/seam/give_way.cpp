// SPDX-License-Identifier: Apache-2.0
//
// give_way(): one sched_yield, unless yielding has recently been expensive.
//
// The thread that a waiting thread waits for is often ready on the same processor: the three
// threads of a stream share two. A yield lets it run at once and takes less than a microsecond;
// sleeping and being woken takes ten and more. But where a thread of another program is ready as
// well, the yield gives it a whole time slice of some milliseconds. So a yield that took long stops
// all yields for a pause: for 1 ms at first, since any system stalls now and then, and four times
// as long after each further one, up to 256 ms. A program beside a foreign load thus loses about
// one time slice in 256 ms. A pause that was followed by 16 times as long without a long yield
// starts again at 1 ms.
#include "seam/give_way.hpp"

#include <sched.h>

#include <algorithm>

namespace csp::detail::seam {

bool YieldPauses::record(Clock::time_point begin, Clock::time_point end) {
  constexpr Clock::duration kLong = std::chrono::milliseconds(1);
  if (end - begin < kLong) return true;
  if (pausing(begin)) return false;  // another thread has recorded the same time slice
  const Clock::duration last = std::max(length_.load(std::memory_order_relaxed), kLong);
  const Clock::duration since = begin - end_.load(std::memory_order_relaxed);
  const Clock::duration next = since < 16 * last ? std::min(4 * last, 256 * kLong) : kLong;
  length_.store(next, std::memory_order_relaxed);
  end_.store(end + next, std::memory_order_relaxed);
  return false;
}

bool give_way() {
  static constinit YieldPauses pauses;
  const Clock::time_point begin = now();
  if (pauses.pausing(begin)) return false;
  sched_yield();
  return pauses.record(begin, now());
}

}  // namespace csp::detail::seam
