// SPDX-License-Identifier: Apache-2.0
//
// Operation: one blocked call, on its caller's stack. Its cases wait in the queues of several
// channels at once, and a deadline and a stop request besides; the first of these parties claims
// it.
//
//   claim   exactly one party (a peer on some channel, the deadline, the stop request) wins the
//           compare-exchange on `claimed_`; the others leave the operation alone (C23).
//   publish the winner, if it is another thread, writes the results and then publishes them: one
//           exchange on `signal_`. After it the operation may be gone, so no thread touches
//           anything of it again (C45).
//   wait    the owner spins a little, or not, then sleeps, until published (C51).
#pragma once

#include "csp/detail/core.hpp"
#include "seam/signal.hpp"

namespace csp::detail {

class Operation {
 public:
  Operation() = default;

  /// Makes the case of this index the one that happens. True for exactly one caller.
  bool claim(std::uint32_t index) {
    std::uint32_t nobody = kNobody;
    // acq_rel: the winner's later reads of the cases (their value pointers) come after the owner
    // queued them, also where the owner's lock is not the winner's; a loser only leaves.
    return claimed_.compare_exchange_strong(nobody, index + 1, std::memory_order_acq_rel,
                                            std::memory_order_relaxed);
  }

  /// A hint for skipping: true once claimed, and then for ever. relaxed: the claim itself decides.
  bool is_claimed() const { return claimed_.load(std::memory_order_relaxed) != kNobody; }

  /// By the claimer, last: the owner may return, and its stack with this object be gone, at once.
  void publish() { signal_.publish(); }

  /// Blocks until a party has claimed and published, or the deadline has claimed `at_deadline`.
  /// Returns the index of the case that happened. The cases are for the list of blocked operations.
  std::size_t wait(Clock::time_point deadline, std::uint32_t at_deadline,
                   std::span<const QueuedCase> cases);

 private:
  static constexpr std::uint32_t kNobody = 0;  // case i is i + 1

  seam::Word claimed_{kNobody};
  seam::Signal signal_;
};

/// A stop request's way to an operation, as a stop callback. It takes no lock, so requesting stop
/// never waits for channel internals (C37); the callback's destructor waits until a running call
/// has returned, so publish() never outlives the operation here.
struct StopClaim {
  Operation* operation;
  std::uint32_t index;
  void operator()() const noexcept {
    if (operation->claim(index)) operation->publish();
  }
};

}  // namespace csp::detail
