// SPDX-License-Identifier: Apache-2.0
//
// The channel's lock: one word, which is zero when the lock is free. A channel therefore needs no
// second allocation, and the unlocking thread does not touch the word after it has released it. A
// held section is pointer work and one or two moves of elements, so retrying usually ends the wait.
// A thread that retries without success sleeps, so a preempted holder costs no other thread its
// processor (C10, C53). Barging is allowed: the order of *values* is decided by the queues under
// the lock, not by the order in which threads obtain the lock (C7).
//
// A thread that finds the lock held retries after 16 pauses, then 32, then ten times after 64, then
// sleeps. Each retry takes the word's cache line from the holder. Between two retries the holder
// can lock and unlock some twenty times, so two threads that do nothing but send and receive
// alternate in runs of many operations instead of waiting for the cache line at each one.
//
// States: 0 free, 1 held, 2 held and a thread may sleep.
#pragma once

#include "seam/annotations.hpp"
#include "seam/seam.hpp"

namespace csp::detail {

class CSP_CAPABILITY("lock") Lock {
 public:
  void lock() CSP_ACQUIRE() {
    if (!try_lock()) lock_slowly();
  }

  void unlock() CSP_RELEASE() {
    // release: the next holder sees what this thread wrote. After this exchange another thread may
    // free the channel; wake_one uses the address as a name only (C45).
    if (word_.exchange(0, std::memory_order_release) == 2) seam::wake_one(&word_);
  }

 private:
  bool try_lock() {
    std::uint32_t free = 0;
    // acquire: this thread sees what the previous holder wrote. Without it the writes of the two
    // holders would be unordered.
    return word_.compare_exchange_strong(free, 1, std::memory_order_acquire);
  }

  void lock_slowly() {
    constexpr unsigned kLooks = 12;  // 17 us in all
    constexpr unsigned kMostPauses = 64;
    unsigned pauses = 16;
    for (unsigned i = seam::spin_limit() > 0 ? kLooks : 0; i > 0; --i) {
      for (unsigned j = 0; j < pauses; ++j) seam::pause();
      if (pauses < kMostPauses) pauses *= 2;
      if (word_.load(std::memory_order_relaxed) == 0 && try_lock()) return;
    }
    // From here on the lock is taken with the value 2: another thread may be asleep, and an unlock
    // that saw 1 would wake none. The price is an occasional unnecessary wake-up.
    while (word_.exchange(2, std::memory_order_acquire) != 0) {
      seam::sleep(word_, 2, seam::Clock::time_point::max());
    }
  }

  seam::Word word_{0};
};

/// Holds a Lock for the duration of a scope.
class CSP_SCOPED_CAPABILITY Locked {
 public:
  explicit Locked(Lock& lock) CSP_ACQUIRE(lock) : lock_(lock) { lock_.lock(); }
  ~Locked() CSP_RELEASE() { lock_.unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Lock& lock_;
};

}  // namespace csp::detail
