// SPDX-License-Identifier: Apache-2.0
//
// WaitQueue: the cases that wait on one side of a channel, in order of arrival (C7). Doubly linked
// through the waiters themselves, so that a select can leave from the middle and nothing is
// allocated (C55). Everything here is called with the channel's lock held.
//
// A queued case whose operation was claimed elsewhere (another channel of its select, its deadline,
// its stop token) is dead: it takes no part in anything and is dropped on the way, so no wake-up is
// ever spent on it (C29). `first_alive` and `claim_first` are the only ways to the front.
#pragma once

#include "csp/detail/core.hpp"
#include "operation.hpp"

namespace csp::detail {

class WaitQueue {
 public:
  /// Behind all others, but among the cases of its own operation by their turns (C27).
  void push(Waiter* waiter) {
    Waiter* before = last_;
    while (before && before->operation == waiter->operation && before->turn > waiter->turn) {
      before = before->previous;
    }
    waiter->previous = before;
    waiter->next = before ? before->next : first_;
    waiter->queued = true;
    (waiter->previous ? waiter->previous->next : first_) = waiter;
    (waiter->next ? waiter->next->previous : last_) = waiter;
  }

  void remove(Waiter* waiter) {
    (waiter->previous ? waiter->previous->next : first_) = waiter->next;
    (waiter->next ? waiter->next->previous : last_) = waiter->previous;
    waiter->queued = false;
  }

  /// The first case that could still happen; it may be claimed elsewhere a moment later.
  Waiter* first_alive() {
    while (first_ && first_->operation->is_claimed()) remove(first_);
    return first_;
  }

  /// Takes the first case whose operation we can claim; null if there is none. From then on its
  /// operation is ours alone until we publish it.
  Waiter* claim_first() {
    while (Waiter* const waiter = first_) {
      remove(waiter);
      if (waiter->operation->claim(Operation::kFirstCase + waiter->index)) return waiter;
    }
    return nullptr;
  }

  bool empty() const { return !first_; }

  /// For the debug hooks of Core: calls `visit` with each case that could still happen.
  template <class Visit>
  void for_each_alive(Visit visit) const {
    for (const Waiter* waiter = first_; waiter; waiter = waiter->next) {
      if (!waiter->operation->is_claimed()) visit(*waiter);
    }
  }

 private:
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
};

}  // namespace csp::detail
