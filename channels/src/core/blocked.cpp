// SPDX-License-Identifier: Apache-2.0
//
// "All processes are blocked" is sound: the list's lock is held while all entries are looked at. An
// operation found unclaimed has not been woken; to be woken later, another thread must claim it,
// and all that could are found asleep and unclaimed too under the same lock, which they would need
// to leave the list. So at the end of the look no process runs. It is complete: a process that
// stops running links an entry here or ends, and both ring the bell that a waiting thread sleeps
// on, so rest is noticed without polling.
#include "core/blocked.hpp"

#include <pthread.h>

#include "core/current_process.hpp"

namespace csp::detail {

constinit Lock report_lock;

struct BlockedList {
  Blocked* first CSP_GUARDED_BY(report_lock) = nullptr;
  std::size_t processes CSP_GUARDED_BY(report_lock) = 0;
  std::size_t watchers CSP_GUARDED_BY(report_lock) = 0;
  seam::Word bell{0};  // changed whenever rest may have come, while a thread waits for it

  void ring() CSP_REQUIRES(report_lock) {
    if (watchers == 0) return;
    // release: pairs with the watcher's acquire; it then takes the lock anyway.
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
      // acquire: a ring after this changes it, and the sleep returns.
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

  /// A child of fork has one thread, which is not blocked.
  void forget_others() CSP_REQUIRES(report_lock) {
    first = nullptr;
    processes = current_process != nullptr;
    watchers = 0;
  }
};

namespace {
constinit BlockedList list;

// Locked over a fork: a child would wait for ever for a thread of its parent's (C49).
[[maybe_unused]] const int kMindsForks = pthread_atfork(
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

void process_begins() { list.count(+1); }
void process_ends() { list.count(-1); }

}  // namespace csp::detail
