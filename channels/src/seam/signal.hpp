// SPDX-License-Identifier: Apache-2.0
//
// Signal: one thread waits until another publishes, once. The waiting thread checks, spins,
// announces its sleep, sleeps, and checks again. The announcement is a compare-exchange from
// "awake": it fails if the publication came first, so the thread does not sleep through it. A
// publication that comes later sees "asleep" and wakes the thread. No wake-up can be lost.
#pragma once

#include "seam/annotations.hpp"
#include "seam/seam.hpp"

namespace csp::detail::seam {

/// How often in a row the calling thread has spun without success.
extern thread_local unsigned futile_spins CSP_NEAR;

class Signal {
 public:
  /// Lets the waiting thread continue. Once the exchange is done the signal may be destroyed,
  /// together with the object that contains it (C45). From then on only its address is used, as a
  /// name.
  void publish() {
    Word* const name = &word_;
    // release: the thread that waited sees the results written before. acquire is not needed: this
    // thread reads nothing of the other's afterwards.
    if (word_.exchange(kPublished, std::memory_order_release) == kAsleep) wake_one(name);
  }

  // acquire: pairs with publish(); the results are read after.
  bool published() const { return word_.load(std::memory_order_acquire) == kPublished; }

  /// Checks repeatedly for a short time, or returns at once. Sleeping and being woken costs 10 us
  /// and more, and a peer that runs on another processor often finishes in less than one. But a
  /// thread that has spun without success kFutile times in a row is one of many that wait for the
  /// same event, or waits for a rare one; from then on it leaves the processor at once to the
  /// threads that it waits for. One time in kScout it still spins, to detect when that changes.
  void spin() const {
    constexpr unsigned kFutile = 16;
    constexpr unsigned kScout = 64;
    unsigned looks = spin_limit();
    if (futile_spins >= kFutile && futile_spins % kScout != 0) looks = 0;
    for (; looks > 0 && !published(); --looks) pause();
    futile_spins = published() ? 0 : futile_spins + 1;
  }

  /// Announces that the thread is about to sleep. Returns false if the signal is already published.
  bool announce_sleep() {
    std::uint32_t awake = kAwake;
    // acquire: a failure means that the signal is published, and the results are read next.
    return word_.compare_exchange_strong(awake, kAsleep, std::memory_order_acquire);
  }

  /// Sleeps; call after announce_sleep(). May return spuriously. Returns false if the deadline has
  /// passed.
  bool sleep(Clock::time_point deadline) { return seam::sleep(word_, kAsleep, deadline); }

  /// The whole sequence, without a deadline.
  void wait() {
    spin();
    if (!announce_sleep()) return;
    while (!published()) sleep(Clock::time_point::max());
  }

  /// Prepares the next use; called by the thread that waited. relaxed: the signal is handed to the
  /// next publisher by other means.
  void reset() { word_.store(kAwake, std::memory_order_relaxed); }

 private:
  enum : std::uint32_t { kAwake = 0, kAsleep = 1, kPublished = 2 };
  Word word_{kAwake};
};

}  // namespace csp::detail::seam
