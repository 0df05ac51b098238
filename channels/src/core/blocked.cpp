// SPDX-License-Identifier: Apache-2.0
//
// The list of blocked operations, and the answer to "are all processes blocked?".
//
// The answer "yes" is sound. The list's lock is held while all entries are examined. An operation
// that is found unclaimed has not been woken, and to wake it later another thread must claim it.
// Every process that could do so is found asleep and unclaimed under the same lock, which it would
// need in order to leave the list. So at the end of the examination no process runs.
//
// The answer is also complete. A process that stops running either adds an entry here or ends. Both
// ring the bell on which waiting threads sleep, so rest is noticed without polling.
#include "core/blocked.hpp"

#include <pthread.h>

#include "core/current_process.hpp"

namespace csp::detail {

constinit Lock report_lock;

struct BlockedList {
  Blocked* first CSP_GUARDED_BY(report_lock) = nullptr;
  std::size_t processes CSP_GUARDED_BY(report_lock) = 0;
  std::size_t watchers CSP_GUARDED_BY(report_lock) = 0;
  seam::Word bell{0};  // changes when all may have come to rest, if a thread waits for that

  void ring() CSP_REQUIRES(report_lock) {
    if (watchers == 0) return;
    // release: pairs with the watcher's acquire, although the watcher takes the lock afterwards
    // anyway.
    bell.fetch_add(1, std::memory_order_release);
    for (std::size_t i = 0; i < watchers; ++i) seam::wake_one(&bell);
  }

  bool all_blocked() const CSP_REQUIRES(report_lock) {
    std::size_t asleep = 0;
    for (const Blocked* b = first; b; b = b->next_) {
      asleep += b->is_process_ && !b->operation_.is_claimed();
    }
    return asleep == processes;
  }

  void link(Blocked* b) {
    Locked locked(report_lock);
    b->next_ = first;
    if (first) first->previous_ = b;
    first = b;
    ring();
  }

  void unlink(Blocked* b) {
    Locked locked(report_lock);
    (b->previous_ ? b->previous_->next_ : first) = b->next_;
    if (b->next_) b->next_->previous_ = b->previous_;
  }

  void count(std::ptrdiff_t change) {
    Locked locked(report_lock);
    processes += static_cast<std::size_t>(change);
    ring();
  }

  BlockedCount visit(const std::function<void(const Blocked&)>& visit) {
    Locked locked(report_lock);
    for (const Blocked* b = first; b; b = b->next_) {
      if (!b->operation_.is_claimed()) visit(*b);
    }
    return {processes, all_blocked()};
  }

  bool wait(seam::Clock::time_point deadline) {
    watch(+1);
    bool rest = false;
    while (true) {
      // acquire: a ring after this load changes the word, so the sleep returns.
      const std::uint32_t heard = bell.load(std::memory_order_acquire);
      {
        Locked locked(report_lock);
        rest = all_blocked();
      }
      if (rest || !seam::sleep(bell, heard, deadline)) break;
    }
    watch(-1);
    return rest;
  }

  void watch(std::ptrdiff_t change) {
    Locked locked(report_lock);
    watchers += static_cast<std::size_t>(change);
  }

  /// A child of fork has one thread, and that thread is not blocked.
  void forget_others() CSP_REQUIRES(report_lock) {
    first = nullptr;
    processes = current_process != nullptr;
    watchers = 0;
  }
};

namespace {
constinit BlockedList list;

// Held across fork: otherwise a child could wait for ever for a thread that only its parent has
// (C49).
[[maybe_unused]] const int kForkHandlers = pthread_atfork(
    []() CSP_UNCHECKED { report_lock.lock(); }, []() CSP_UNCHECKED { report_lock.unlock(); },
    []() CSP_UNCHECKED {
      list.forget_others();
      report_lock.unlock();
    });
}  // namespace

Blocked::Blocked(const Operation& operation, std::span<const QueuedCase> cases)
    : operation_(operation),
      cases_(cases),
      process_(current_name()),
      is_process_(current_process != nullptr),
      since_(seam::now()) {
  list.link(this);
}

Blocked::~Blocked() { list.unlink(this); }

BlockedCount visit_blocked(const std::function<void(const Blocked&)>& visit) {
  return list.visit(visit);
}

bool wait_until_all_blocked(seam::Clock::time_point deadline) { return list.wait(deadline); }

void count_processes(std::ptrdiff_t change) { list.count(change); }

}  // namespace csp::detail
