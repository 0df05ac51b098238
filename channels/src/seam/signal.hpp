// SPDX-License-Identifier: Apache-2.0
//
// Signal: one thread waits until another publishes, once. The waiting thread checks, lingers,
// announces its sleep, sleeps, and checks again. The announcement is a compare-exchange from
// "awake": it fails if the publication came first, so the thread does not sleep through it. A
// publication that comes later sees "asleep" and wakes the thread. No wake-up can be lost.
#pragma once

#include "seam/seam.hpp"

namespace csp::detail::seam {

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

  /// Waits for a short time without sleeping: sleeping and being woken costs 10 us and more, and
  /// the peer often finishes in less than one. It runs on another processor while this thread
  /// pauses, or on this one while this thread gives way.
  void linger() const {
    constexpr unsigned kYields = 10;
    for (unsigned looks = spin_limit(); looks > 0 && !published(); --looks) pause();
    for (unsigned i = 0; i < kYields && !published() && give_way(); ++i) {
    }
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
    linger();
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
