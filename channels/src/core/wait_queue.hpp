// SPDX-License-Identifier: Apache-2.0
//
// WaitQueue: the cases that wait on one side of a channel, in order of arrival (C7). Doubly linked
// through the cases themselves, so that a select can leave from the middle and nothing is allocated
// (C55). Everything here is called with the channel's lock held.
//
// A queued case whose operation was claimed elsewhere (another channel of its select, its deadline,
// its stop token) is dead: it takes no part in anything and is dropped on the way, so no wake-up is
// ever spent on it (C29). `first_alive` and `claim_first` are the only ways to the front.
#pragma once

#include "core/operation.hpp"
#include "csp/detail/core.hpp"

namespace csp::detail {

class WaitQueue {
 public:
  /// Behind all others, except that the cases of one operation stand in the order of their turns
  /// (C27).
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

  /// The first case that could still happen; it may be claimed elsewhere a moment later.
  QueuedCase* first_alive() {
    while (first_ && first_->operation->is_claimed()) remove(first_);
    return first_;
  }

  /// Takes out the first case whose operation it can claim; null if there is none. From then on
  /// that operation is the caller's alone, until it is published.
  QueuedCase* claim_first() {
    while (QueuedCase* const c = first_) {
      const bool claimed = c->operation->claim(c->index);
      remove(c);
      if (claimed) return c;
    }
    return nullptr;
  }

  bool empty() const { return !first_; }

  /// For the debug hooks of Core: calls `visit` with each case that could still happen.
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
