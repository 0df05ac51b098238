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
#include <sched.h>

#include <algorithm>
#include <atomic>

#include "seam/seam.hpp"

namespace csp::detail::seam {
namespace {

constexpr Clock::duration kLong = std::chrono::milliseconds(1);
constexpr Clock::duration kLongestPause = 256 * kLong;

// relaxed, all of them: they decide whether to yield and order nothing. A thread that reads an old
// value yields once too often or not at all.
constinit std::atomic<Clock::time_point> pause_ends{};
constinit std::atomic<Clock::duration> last_pause{kLong};

}  // namespace

bool give_way() {
  const Clock::time_point begin = now();
  if (begin < pause_ends.load(std::memory_order_relaxed)) return false;
  sched_yield();
  const Clock::time_point end = now();
  if (end - begin < kLong) return true;
  const Clock::duration since = begin - pause_ends.load(std::memory_order_relaxed);
  if (since < Clock::duration::zero()) return false;  // another thread reported the same time slice
  Clock::duration pause = last_pause.load(std::memory_order_relaxed);
  pause = since < 16 * pause ? std::min(4 * pause, kLongestPause) : kLong;
  last_pause.store(pause, std::memory_order_relaxed);
  pause_ends.store(end + pause, std::memory_order_relaxed);
  return false;
}

}  // namespace csp::detail::seam
