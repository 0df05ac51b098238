// SPDX-License-Identifier: Apache-2.0
//
// Lobby: where callers wait who find a served process busy. Were each to queue on the channel at
// once, then as soon as one holder of the process is preempted a queue of sleepers forms; each of
// them costs a wake-up from then on, and comes back to the queue's end before it has become
// shorter. So a caller first looks again, less and less often, and then sleeps in the lobby, which
// is no queue for the process: those who run pass by. (The literature: concurrency restriction.)
//
//   turns    who has passed by kTurn times himself, while others slept, calls the first, who
//            takes a while to wake up, and goes on meanwhile; when that one has come, he goes to
//            the lobby's end. What he passed by too often, his next turn is shorter. So all have
//            the same share, and who sleeps is passed by about so often by each who runs, for each
//            one before him (C7). Who finds the process busy in the middle of his turn goes to the
//            front, since his turn is not over. If they came further apart than kSparse, several
//            times what a round takes, nobody goes: there is time for one more
//   timer    the first in the lobby looks after kTimer who has passed by, and kMoment after it was
//            told that it is the first, by who has left before it. If there was time between them,
//            further apart than kSparse, it tries itself; and if nobody came it queues on the
//            channel kQuiet times later, each twice as long: so nobody is forgotten when those who
//            ran come no more, and a preempted one is given time
//
// Guarded by the channel's lock, the guests too; only their words are waited on without it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "seam.hpp"

namespace csp::detail {

class Lobby {
 public:
  static constexpr std::chrono::microseconds kTimer{200};
  static constexpr std::chrono::microseconds kMoment{20};
  static constexpr unsigned kQuiet = seam::kLobbyQuiet;
  static constexpr unsigned kTurn = seam::kLobbyTurn;
  static constexpr unsigned kGrace = seam::kLobbyGrace;
  static constexpr std::chrono::nanoseconds kSparse{1000};

  /// One for each thread, which is known by its address.
  struct Passer {
    unsigned passed = 0;  // in its turn, whichever the lobby
  };

  /// On its caller's stack.
  struct Guest {
    seam::Word rung{0};
    Guest* next = nullptr;
    bool inside = true;
    unsigned seen = 0;  // how many had passed by when it last looked
    seam::Clock::time_point looked{};
  };

  Guest* first() const { return first_; }

  /// Who has passed by since the guest looked last.
  enum class Passed { none, few, many };
  Passed look(Guest& guest) const {
    const unsigned passed = passes_ - std::exchange(guest.seen, passes_);
    const seam::Clock::time_point now = seam::now();
    const auto since = now - std::exchange(guest.looked, now);
    if (passed == 0) return Passed::none;
    return since > passed * kSparse ? Passed::few : Passed::many;
  }

  /// Counts a passer-by.
  enum class Turn { none, calls, makes_room };
  Turn pass(Passer& who) {
    if (!first_ && !called_ && !newcomer_) return Turn::none;
    ++passes_;
    if (++who.passed <= kTurn) return Turn::none;
    bool come = newcomer_ && newcomer_ != &who;
    if (come && seam::now() - since_ > kTimer) {  // he has had room without us
      newcomer_ = nullptr;
      come = false;
    }
    const bool late = called_ && !roomy_ && passes_ - before_ > kGrace;
    if (come || late) {
      newcomer_ = nullptr;
      called_ = false;
      mark();
      end_turn(who);
      return Turn::makes_room;
    }
    if (!first_ || called_) return Turn::none;
    called_ = true;
    // Of few the time says nothing: one preempted is enough.
    roomy_ = seam::now() - since_ > std::max(passes_ - before_, kTurn) * kSparse;
    if (roomy_) end_turn(who);
    mark();
    return Turn::calls;
  }

  /// By a guest who has left the lobby.
  void arrive(const Passer& who) {
    if (!std::exchange(called_, false)) return;
    if (!roomy_) newcomer_ = &who;
    mark();
  }

  /// At the front in the middle of one's turn, else at the end. Either makes room for a newcomer.
  void enter(Guest* guest, bool at_front) {
    newcomer_ = nullptr;
    if (!first_) mark();
    if (at_front && first_) {
      guest->next = std::exchange(first_, guest);
    } else {
      (first_ ? last_->next : first_) = guest;
      last_ = guest;
    }
    (void)look(*guest);
  }

  Guest* leave_first() {
    first_->inside = false;
    return std::exchange(first_, first_->next);
  }

 private:
  void mark() {
    before_ = passes_;
    since_ = seam::now();
  }
  static void end_turn(Passer& who) { who.passed = std::min(who.passed - kTurn, kTurn); }

  Guest* first_ = nullptr;
  Guest* last_ = nullptr;
  unsigned passes_ = 0;               // of all, ever; it may wrap
  unsigned before_ = 0;               // what it was at the mark
  seam::Clock::time_point since_{};   // when that was
  bool called_ = false;               // the first, who has not come yet
  bool roomy_ = false;                // and nobody needs to make room for him
  const Passer* newcomer_ = nullptr;  // who has come, and nobody has made room for him
};

class Core;
class Operation;
struct Waiter;

/// Waits until the case happens, or it is time to queue for it: false. The channel's lock is held
/// at the call and at the return. Who `makes_room` does not look again before, and goes to the end.
bool wait_in_lobby(Waiter& waiter, Operation*& peer, bool makes_room);

/// Calls the first of the lobby; the channel's lock is held at the call and at the return.
void call_first(Core& channel);

}  // namespace csp::detail
