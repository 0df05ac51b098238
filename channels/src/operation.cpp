// SPDX-License-Identifier: Apache-2.0
//
// Waiting for an operation to be published: the one place of the layer where a thread sleeps for a
// message. The order is: look, spin, announce sleep, sleep, look again. Announcing is a
// compare-exchange from "awake", so a publication that came in between is seen and not slept
// through; a publication that comes after sees "asleep" and wakes us. No wake-up can be lost.
#include "operation.hpp"

#include "sleepers.hpp"

namespace csp::detail {

std::uint32_t Operation::wait(Clock::time_point deadline, std::span<const Waiter> cases) {
  for (unsigned i = seam::spin_limit(); i > 0 && !published(); --i) seam::pause();

  std::uint32_t awake = kAwake;
  // acquire: if it fails it was published, and we go on to read the results.
  if (signal_.compare_exchange_strong(awake, kAsleep, std::memory_order_acquire)) {
    const Sleeper sleeper(*this, cases);
    while (!published()) {
      if (seam::sleep(signal_, kAsleep, deadline)) continue;
      if (claim(kDeadline)) return kDeadline;  // nobody else can claim or publish any more
      deadline = Clock::time_point::max();     // somebody did: the publication is on its way
    }
  }
  return claimed_.load(std::memory_order_relaxed);
}

}  // namespace csp::detail
