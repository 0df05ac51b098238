// SPDX-License-Identifier: Apache-2.0
//
// Lobby: where callers wait who find a served process busy. Were each to queue on the channel at
// once, then as soon as one holder of the process is preempted a queue of sleepers forms; each of
// them costs a wake-up from then on, and comes back to the queue's end before it has become
// shorter. So a caller first looks again, less and less often, and then sleeps in the lobby, which
// is no queue for the process: those who run pass by. (The literature: concurrency restriction.)
//
//   timer    the first in the lobby looks every kTimer whether anybody has passed by; if not, it
//            queues on the channel: so nobody is forgotten when those who ran come no more
//   turns    after kPasses passers-by the next one goes to the lobby's end and calls the first: so
//            who sleeps is passed by so often for each one before him, and no more (C7)
//
// Guarded by the channel's lock, the guests too; only their words are waited on without it.
#pragma once

#include <cstddef>
#include <utility>

#include "seam.hpp"

namespace csp::detail {

class Lobby {
 public:
  static constexpr std::chrono::microseconds kTimer{200};
  static constexpr unsigned kPasses = 2000;

  /// On its caller's stack.
  struct Guest {
    seam::Word rung{0};
    Guest* next = nullptr;
    bool inside = true;
  };

  Guest* first() const { return first_; }
  unsigned passes() const { return passes_; }

  /// Counts a passer-by; true: it is his turn to make room.
  bool makes_room() {
    if (!first_ || ++passes_ <= kPasses) return false;
    passes_ = 0;
    return true;
  }

  void enter(Guest* guest) {
    (first_ ? last_->next : first_) = guest;
    last_ = guest;
  }

  Guest* leave_first() {
    first_->inside = false;
    return std::exchange(first_, first_->next);
  }

 private:
  Guest* first_ = nullptr;
  Guest* last_ = nullptr;
  unsigned passes_ = 0;
};

class Core;
class Operation;
struct Waiter;

/// Waits until the case happens, or it is time to queue for it: false. The channel's lock is held
/// at the call and at the return; `makes_room`: for the first of the lobby, at once.
bool wait_in_lobby(Waiter& waiter, Operation*& peer, bool makes_room);

}  // namespace csp::detail
