// SPDX-License-Identifier: Apache-2.0
//
// Signal: one thread waits until another publishes, once. The order of waiting is: look, spin,
// announce sleep, sleep, look again. Announcing is a compare-exchange from "awake", so a
// publication that came in between is seen and not slept through; a publication that comes after
// sees "asleep" and wakes the thread. No wake-up can be lost.
#pragma once

#include "seam/annotations.hpp"
#include "seam/seam.hpp"

namespace csp::detail::seam {

/// How often the calling thread has spun without success, one time after the other.
extern thread_local unsigned futile_spins CSP_NEAR;

class Signal {
 public:
  /// Once the exchange is done the signal may be gone, with what it is part of (C45). Only its
  /// address is used afterwards, as a name.
  void publish() {
    Word* const name = &word_;
    // release: results written before are seen by the thread that waited. acquire is not needed:
    // nothing of its is read after.
    if (word_.exchange(kPublished, std::memory_order_release) == kAsleep) wake_one(name);
  }

  // acquire: pairs with publish(); the results are read after.
  bool published() const { return word_.load(std::memory_order_acquire) == kPublished; }

  /// Looks for a while, or does not. To sleep and to be woken costs 10 us and more, and a peer that
  /// runs on another processor has often done its part in less than one. But a thread that has spun
  /// without success kFutile times in a row is one of many that wait for the same, or for something
  /// that comes seldom: from then on it leaves the processor at once to those it waits for. It
  /// still spins one time in kScout, to find out when that changes.
  void spin() const {
    constexpr unsigned kFutile = 16;
    constexpr unsigned kScout = 64;
    unsigned looks = spin_limit();
    if (futile_spins >= kFutile && futile_spins % kScout != 0) looks = 0;
    for (; looks > 0 && !published(); --looks) pause();
    futile_spins = published() ? 0 : futile_spins + 1;
  }

  /// Announces that the thread sleeps from now on; false: it was published.
  bool announce_sleep() {
    std::uint32_t awake = kAwake;
    // acquire: if it fails it was published, and the results are read.
    return word_.compare_exchange_strong(awake, kAsleep, std::memory_order_acquire);
  }

  /// After announce_sleep(). May return for no reason; false: the deadline has passed.
  bool sleep(Clock::time_point deadline) { return seam::sleep(word_, kAsleep, deadline); }

  /// All of it, without a deadline.
  void wait() {
    spin();
    if (!announce_sleep()) return;
    while (!published()) sleep(Clock::time_point::max());
  }

  /// By the thread that waited. relaxed: it hands the signal on by other means.
  void reset() { word_.store(kAwake, std::memory_order_relaxed); }

 private:
  enum : std::uint32_t { kAwake = 0, kAsleep = 1, kPublished = 2 };
  Word word_{kAwake};
};

}  // namespace csp::detail::seam
