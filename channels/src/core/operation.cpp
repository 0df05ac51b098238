// SPDX-License-Identifier: Apache-2.0
//
// Waiting for an operation to be published: the one place of the layer where a thread sleeps for a
// message. The order is: look, spin, announce sleep, sleep, look again. Announcing is a
// compare-exchange from "awake", so a publication that came in between is seen and not slept
// through; a publication that comes after sees "asleep" and wakes us. No wake-up can be lost.
#include "core/operation.hpp"

#include "core/blocked.hpp"
#include "seam/annotations.hpp"

namespace csp::detail {
namespace {

// A thread that has spun so often without success, one time after the other, is one of many that
// wait for the same, or for something that comes seldom: it sleeps at once from then on, and leaves
// the processor to those it waits for. It still spins one time in kScout, to find out when that
// changes.
constexpr unsigned kFutile = 16;
constexpr unsigned kScout = 64;
constinit thread_local unsigned futile CSP_NEAR = 0;

/// Looks for a while, or does not.
template <class Published>
void spin(Published published) {
  unsigned looks = seam::spin_limit();
  if (futile >= kFutile && futile % kScout != 0) looks = 0;
  for (; looks > 0 && !published(); --looks) seam::pause();
  futile = published() ? 0 : futile + 1;
}

}  // namespace

std::size_t Operation::wait(Clock::time_point deadline, std::uint32_t at_deadline,
                            std::span<const QueuedCase> cases) {
  spin([this] { return published(); });

  std::uint32_t awake = kAwake;
  // acquire: if it fails it was published, and we go on to read the results.
  if (signal_.compare_exchange_strong(awake, kAsleep, std::memory_order_acquire)) {
    const Blocked listed(*this, cases);
    while (!published()) {
      if (seam::sleep(signal_, kAsleep, deadline)) continue;
      if (claim(at_deadline)) break;  // no other party can claim or publish any more
      deadline = kNever;              // one did: the publication is on its way
    }
  }
  return claimed_.load(std::memory_order_relaxed) - 1;
}

}  // namespace csp::detail
