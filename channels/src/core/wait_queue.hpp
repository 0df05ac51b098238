// SPDX-License-Identifier: Apache-2.0
//
// WaitQueue: the cases that wait on one side of a channel, in order of arrival (C7). The list is
// doubly linked through the cases themselves, so a select can remove a case from the middle, and
// nothing is allocated (C55). Every function here is called with the channel's lock held.
//
// A queued case is dead if its operation was claimed elsewhere (by another channel of its select,
// by its deadline, or by its stop token). A dead case can no longer happen. It is dropped when the
// queue is next searched, so no wake-up is spent on it (C29). Only `first_alive` and `claim_first`
// give access to the front.
#pragma once

#include "core/operation.hpp"
#include "csp/detail/core.hpp"

namespace csp::detail {

class WaitQueue {
 public:
  /// Appends the case. The cases of one operation are kept in the order of their turns (C27).
  void push(QueuedCase* c) {
    QueuedCase* before = last_;
    while (before && before->operation == c->operation && before->turn > c->turn) {
      before = before->previous;
    }
    c->previous = before;
    c->next = before ? before->next : first_;
    (c->previous ? c->previous->next : first_) = c;
    (c->next ? c->next->previous : last_) = c;
    c->queued = true;
  }

  void remove(QueuedCase* c) {
    (c->previous ? c->previous->next : first_) = c->next;
    (c->next ? c->next->previous : last_) = c->previous;
    c->queued = false;
  }

  /// The first case that could still happen, or null. It may be claimed elsewhere a moment later.
  QueuedCase* first_alive() {
    while (first_ && first_->operation->is_claimed()) remove(first_);
    return first_;
  }

  /// Removes and returns the first case whose operation it can claim, or null if there is none.
  /// Until it is published, that operation then belongs to the caller.
  QueuedCase* claim_first() {
    while (QueuedCase* const c = first_) {
      const bool claimed = c->operation->claim(c->index);
      remove(c);
      if (claimed) return c;
    }
    return nullptr;
  }

  bool empty() const { return !first_; }

  /// Calls `visit` with each case that could still happen; for the debug hooks of Core.
  template <class Visit>
  void for_each_alive(Visit visit) const {
    for (const QueuedCase* c = first_; c; c = c->next) {
      if (!c->operation->is_claimed()) visit(*c);
    }
  }

 private:
  QueuedCase* first_ = nullptr;
  QueuedCase* last_ = nullptr;
};

}  // namespace csp::detail
