// SPDX-License-Identifier: Apache-2.0
//
// Operation: one blocked call, on its caller's stack. Its cases wait in the queues of several
// channels at once, and a deadline and a stop request besides; whoever comes first claims it.
//
//   claim   exactly one party (a peer on some channel, the deadline, the stop request) wins the
//           compare-exchange on `claimed_`; the others leave the operation alone (C23).
//   publish the winner, if it is another thread, writes the results and then publishes them: one
//           exchange on `signal_`. After it the operation may be gone, so nothing of it is touched
//           again, by anybody (C45).
//   wait    the owner spins a little, or not, then sleeps, until published (C51).
#pragma once

#include <cstddef>

#include "csp/detail/core.hpp"
#include "seam.hpp"

namespace csp::detail {

class Server;

/// Wakes who sleeps on the word of this name: now, or, if the handler that this thread runs wants
/// it so, when the round is over (late_wakes.hpp).
void wake_now_or_late(const seam::Word* name);

class Operation {
 public:
  Operation() = default;
  // Who claimed: nobody, one of these, or case i as kFirstCase + i.
  static constexpr std::uint32_t kNobody = 0;
  static constexpr std::uint32_t kDeadline = 1;
  static constexpr std::uint32_t kStop = 2;
  static constexpr std::uint32_t kFirstCase = 3;
  // Of a served process that is busy, besides (server.hpp).
  static constexpr std::uint32_t kMissed = 1U << 30;  // somebody came by on one of its channels

  /// True for exactly one caller.
  bool claim(std::uint32_t who) {
    std::uint32_t nobody = kNobody;
    // acq_rel: the winner's later reads of the cases (their value pointers) come after the owner
    // queued them, also where the owner's lock is not the winner's; a loser only leaves.
    return claimed_.compare_exchange_strong(nobody, who, std::memory_order_acq_rel,
                                            std::memory_order_relaxed);
  }

  /// claim() by a peer on one of its channels, whose lock he holds. If it is claimed already and a
  /// served process, that is told that somebody has come by meanwhile.
  bool claim_or_tell(std::uint32_t who) {
    std::uint32_t holder = claimed_.load(std::memory_order_relaxed);
    while (true) {
      if (holder == kNobody) {
        if (claimed_.compare_exchange_strong(holder, who, std::memory_order_acq_rel,
                                             std::memory_order_relaxed)) {
          return true;
        }
        // relaxed: what has come about on the channel is seen under its lock.
      } else if (!server_ || (holder & kMissed) != 0 ||
                 claimed_.compare_exchange_strong(holder, holder | kMissed,
                                                  std::memory_order_relaxed)) {
        return false;
      }
    }
  }
  /// The same without claiming: true if it could be claimed now.
  bool alive_or_tell() {
    std::uint32_t holder = claimed_.load(std::memory_order_relaxed);
    while (holder != kNobody && server_ && (holder & kMissed) == 0) {
      if (claimed_.compare_exchange_strong(holder, holder | kMissed, std::memory_order_relaxed)) {
        return false;
      }
    }
    return holder == kNobody;
  }

  /// By who queues behind a served process that is parked: its next round is later than he, so it
  /// may not keep its places. relaxed: who saw him in the queue, under the channel's lock, and then
  /// brings it a message, has seen this.
  void tell_of_others_behind() { others_behind_.store(1, std::memory_order_relaxed); }

  /// A hint for skipping: true once claimed, and then for ever, or until a server is parked again.
  bool is_claimed(std::memory_order order = std::memory_order_relaxed) const {
    return claimed_.load(order) != kNobody;
  }

  /// By the claimer, last: the owner may return, and its stack with this object be gone, as soon as
  /// the exchange is done. Only the address is used afterwards, as a name.
  void publish(void (*wake)(const seam::Word*) = seam::wake_one) {
    seam::Word* const name = &signal_;
    // release: results written before are seen by the owner. acquire is not needed: nothing of the
    // owner's is read after.
    if (signal_.exchange(kPublished, std::memory_order_release) == kAsleep) wake(name);
  }

  /// By a peer that has claimed it: publishes, or sees to it that the process goes on whose select
  /// this is; on the calling thread, soon, if it `carries` (server.hpp).
  void complete(bool carries);

  /// Blocks until somebody has claimed and published, or the deadline claimed. Returns who. The
  /// cases are for the roll of sleepers only.
  std::uint32_t wait(Clock::time_point deadline, std::span<const Waiter> cases);

  /// The served process whose select this is, again and again; null for one call.
  Server* server() const { return server_; }

 protected:
  enum : std::uint32_t { kAwake = 0, kAsleep = 1, kPublished = 2 };

  Operation(std::uint32_t claimed, Server* server) : server_(server), claimed_(claimed) {}
  bool published() const { return signal_.load(std::memory_order_acquire) == kPublished; }

  Server* const server_ = nullptr;
  seam::Word claimed_{kNobody};
  seam::Word signal_{kAwake};
  seam::Word others_behind_{0};  // of a served process, in any queue
};

/// A stop request's way to an operation, as a stop callback. It takes no lock, so requesting stop
/// never waits for channel internals (C37); the callback's destructor waits until a running call
/// has returned, so publish() never outlives the operation here.
struct StopClaim {
  Operation* operation;
  void operator()() const noexcept {
    if (operation->claim(Operation::kStop)) operation->publish();
  }
};

}  // namespace csp::detail
