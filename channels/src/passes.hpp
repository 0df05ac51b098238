// SPDX-License-Identifier: Apache-2.0
//
// The three passes of a select, for perform.cpp and parking.cpp: see perform.cpp, where they are.
// The locks that a caller must hold are known only at run time, beyond what the annotations can
// say: all of a LockSet in look() and enqueue(), none in dequeue().
#pragma once

#include <functional>
#include <span>

#include "core.hpp"

namespace csp::detail {

/// The cases' channels in address order, each once: an insertion sort into the waiters' own list,
/// since a select has a handful of cases and must not allocate.
class LockSet {
 public:
  LockSet() = default;
  explicit LockSet(std::span<Waiter> cases) {
    for (Waiter& waiter : cases) {
      if (!waiter.channel) continue;
      Waiter** place = &first_;
      while (*place && before((*place)->channel, waiter.channel)) place = &(*place)->next_to_lock;
      if (*place && (*place)->channel == waiter.channel) {
        all_differ_ = false;
        continue;
      }
      waiter.next_to_lock = *place;
      *place = &waiter;
    }
  }

  /// Whether no channel stands in two of the cases.
  bool all_differ() const { return all_differ_; }

  void lock() const CSP_UNCHECKED {
    for (Waiter* w = first_; w; w = w->next_to_lock) w->channel->lock().lock();
  }
  void unlock() const CSP_UNCHECKED {
    for (Waiter* w = first_; w;) {
      // Read first: once the locks are free and a case is claimed nobody else changes this list,
      // but the channel behind it is only ours to touch through our own handle.
      Waiter* const next = w->next_to_lock;
      w->channel->lock().unlock();
      w = next;
    }
  }

 private:
  static bool before(const Core* a, const Core* b) { return std::less<const Core*>{}(a, b); }
  Waiter* first_ = nullptr;
  bool all_differ_ = true;
};

/// Pass 1: makes one case happen now and returns it; null if none can. A peer that waited for it is
/// handed back as in Core::complete.
Waiter* look(std::span<Waiter> cases, Choice choice, Operation*& peer);

/// Pass 2: queues all cases.
void enqueue(std::span<Waiter> cases, Operation& operation, Choice choice);

/// Pass 3: takes all cases out of their queues, but the one that happened, which is out already.
void dequeue(std::span<Waiter> cases, std::uint32_t claimed);

}  // namespace csp::detail
