// SPDX-License-Identifier: Apache-2.0
//
// WaitQueue: the cases that wait on one side of a channel, in order of arrival (C7). Doubly linked
// through the waiters themselves, so that a select can leave from the middle and nothing is
// allocated (C55). Everything here is called with the channel's lock held.
//
// A queued case whose operation was claimed elsewhere (another channel of its select, its deadline,
// its stop token) is dead: it takes no part in anything and is dropped on the way, so no wake-up is
// ever spent on it (C29). `first_alive` and `claim_first` are the only ways to the front.
//
// A served process (server.hpp) keeps its places in the queues while it is busy, so as to be parked
// again without a lock. It is passed over then, and told; and once it has been served here, or
// anywhere after somebody had come behind it here, its place is the last again, as if it had left
// and come back.
#pragma once

#include "csp/detail/core.hpp"
#include "operation.hpp"

namespace csp::detail {

class WaitQueue {
 public:
  /// Behind all others, but among the cases of its own operation by their turns (C27).
  void push(Waiter* waiter) {
    if (served_ > 0) tell_all();
    link(waiter);
    waiter->queued = true;
    served_ += waiter->operation->server() != nullptr;
  }

  void remove(Waiter* waiter) {
    unlink(waiter);
    waiter->queued = false;
    served_ -= waiter->operation->server() != nullptr;
  }

  /// The first case that could still happen; it may be claimed elsewhere a moment later.
  Waiter* first_alive() {
    for (Waiter *next = first_, *waiter; (waiter = next);) {
      next = waiter->next;
      if (waiter->operation->alive_or_tell()) return waiter;
      if (!waiter->operation->server()) remove(waiter);
    }
    return nullptr;
  }

  /// Takes the first case whose operation we can claim; null if there is none. From then on its
  /// operation is ours alone until we complete it.
  Waiter* claim_first() {
    for (Waiter *next = first_, *waiter; (waiter = next);) {
      next = waiter->next;
      Operation& operation = *waiter->operation;
      const bool claimed = operation.claim_or_tell(Operation::kFirstCase + waiter->index);
      if (!operation.server()) {
        remove(waiter);
      } else if (claimed && next) {
        unlink(waiter);
        link(waiter);
      }
      if (claimed) return waiter;
    }
    return nullptr;
  }

  /// A served process's case that we have claimed loses its place.
  void evict(Waiter* waiter) {
    (void)waiter->operation->alive_or_tell();
    remove(waiter);
  }

  bool empty() const { return !first_; }
  bool holds_served() const { return served_ > 0; }

  /// For the debug hooks of Core: calls `visit` with each case that could still happen.
  template <class Visit>
  void for_each_alive(Visit visit) const {
    for (const Waiter* waiter = first_; waiter; waiter = waiter->next) {
      if (!waiter->operation->is_claimed()) visit(*waiter);
    }
  }

 private:
  void link(Waiter* waiter) {
    Waiter* before = last_;
    while (before && before->operation == waiter->operation && before->turn > waiter->turn) {
      before = before->previous;
    }
    waiter->previous = before;
    waiter->next = before ? before->next : first_;
    (waiter->previous ? waiter->previous->next : first_) = waiter;
    (waiter->next ? waiter->next->previous : last_) = waiter;
  }

  void unlink(Waiter* waiter) {
    (waiter->previous ? waiter->previous->next : first_) = waiter->next;
    (waiter->next ? waiter->next->previous : last_) = waiter->previous;
  }

  void tell_all() {
    for (Waiter* waiter = first_; waiter; waiter = waiter->next) {
      if (waiter->operation->server() && waiter->operation->alive_or_tell()) {
        waiter->operation->tell_of_others_behind();
      }
    }
  }

  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::size_t served_ = 0;  // cases of served processes
};

}  // namespace csp::detail
