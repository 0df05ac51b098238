// SPDX-License-Identifier: Apache-2.0
//
// Operation: one blocked call, on its caller's stack. Its cases wait in the queues of several
// channels at once, and perhaps also for a deadline and a stop request. The first of these parties
// that claims the operation decides which case happens.
//
//   claim    Exactly one party (a peer on some channel, the deadline, the stop request) wins the
//            compare-exchange on `claimed_`; the others leave the operation alone (C23).
//   publish  The winner, if it is another thread, writes the results and then publishes them with
//            one exchange on `signal_`. After that the operation may be gone, so the winner no
//            longer touches it (C45).
//   wait     The owner perhaps spins for a short time, then sleeps, until the result is published
//            (C51).
#pragma once

#include "csp/detail/core.hpp"
#include "seam/signal.hpp"

namespace csp::detail {

class Operation {
 public:
  Operation() = default;

  /// Claims the operation for the case at this index. Returns true for exactly one caller.
  bool claim(std::uint32_t index) {
    std::uint32_t nobody = kNobody;
    // acq_rel: the winner reads the cases (their value pointers) after the owner has queued them,
    // even if the owner's lock was a different one. A loser reads nothing, so relaxed suffices for
    // it.
    return claimed_.compare_exchange_strong(nobody, index + 1, std::memory_order_acq_rel,
                                            std::memory_order_relaxed);
  }

  /// A hint for skipping dead cases: true once the operation is claimed, and from then on. relaxed:
  /// the claim itself decides.
  bool is_claimed() const { return claimed_.load(std::memory_order_relaxed) != kNobody; }

  /// The claiming thread's last step: the owner may return at once, and its stack with this object
  /// be gone.
  void publish() { signal_.publish(); }

  /// Blocks until another party has claimed and published, or the deadline has passed and claimed
  /// `at_deadline`. Returns the index of the case that happened. `cases` is shown in the list of
  /// blocked operations.
  std::size_t wait(Clock::time_point deadline, std::uint32_t at_deadline,
                   std::span<const QueuedCase> cases);

 private:
  static constexpr std::uint32_t kNobody = 0;  // a claim for case i stores i + 1

  seam::Word claimed_{kNobody};
  seam::Signal signal_;
};

/// The stop callback of a blocked operation. It takes no lock, so requesting stop never waits for a
/// channel (C37). The destructor of the std::stop_callback that holds it waits until a running call
/// has returned, so publish() does not outlive the operation here.
struct StopClaim {
  Operation* operation;
  std::uint32_t index;
  void operator()() const noexcept {
    if (operation->claim(index)) operation->publish();
  }
};

}  // namespace csp::detail
