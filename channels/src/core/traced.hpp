// SPDX-License-Identifier: Apache-2.0
//
// The core's interface to the trace: a switch, sequence numbers, and a place for finished events.
//
//   begin     Before the operation, with no lock held. If the trace is full, the operation waits
//             for room here, and nowhere else. A message to be sent describes itself now.
//   sequence  Under the channel's lock, when the operation happens: the event's place in the one
//             order of all events. The thread that makes it happen takes the numbers of both sides.
//   emit      After the operation, with no lock held, on the thread that called the operation.
//
// Every number that was taken is emitted, even if the switch changes in between, and without
// waiting for anything: the draining thread relies on it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "csp/detail/core.hpp"
#include "csp/tracing.hpp"
#include "seam/annotations.hpp"

namespace csp::detail {

/// True while this thread runs a recorder or a message's describe(). Its channel operations are
/// then not traced and do not wait for room, because that wait would deadlock.
extern thread_local bool trace_exempt CSP_NEAR;

/// Takes the numbers for the two sides of one hand-over, in this order; either may be null. Called
/// with the channel's lock held.
void assign_sequences(QueuedCase* first, QueuedCase* second);
inline void assign_sequence(QueuedCase* first, QueuedCase* second = nullptr) {
  if (tracing()) [[unlikely]]
    assign_sequences(first, second);
}

/// The trace of one call.
class TracedCall {
 public:
  explicit TracedCall(std::span<QueuedCase> cases) {
    if (tracing()) [[unlikely]]
      begin(cases);
  }
  /// Notes that the call begins to wait. Called before a peer can see its cases.
  void blocks() {
    if (tracing()) [[unlikely]]
      began_ = Clock::now();
  }
  /// Emits the event of the case that happened.
  void emit(const QueuedCase& happened) {
    if (happened.sequence != 0) [[unlikely]]
      emit_event(happened);
  }

 private:
  void begin(std::span<QueuedCase> cases);
  void emit_event(const QueuedCase& happened);

  std::optional<Fields> only_;     // of the only case that sends, in place
  std::vector<Fields> described_;  // of the cases that send, in order, if there are several
  Clock::time_point began_{};      // when the call began to wait; zero if it did not
};

/// Emits the event of a close that was numbered as `c`.
void emit_close(const QueuedCase& c);

/// While an exempt thread holds one, no operation waits for room in the trace. The exempt thread is
/// about to wait for another thread, which may itself be waiting for room; and room only becomes
/// free when the exempt thread goes on. Lifting the limit avoids that deadlock.
class UnlimitedTrace {
 public:
  UnlimitedTrace() : lifted_(trace_exempt) {
    if (lifted_) [[unlikely]]
      lift_limit(true);
  }
  ~UnlimitedTrace() {
    if (lifted_) [[unlikely]]
      lift_limit(false);
  }
  UnlimitedTrace(const UnlimitedTrace&) = delete;
  UnlimitedTrace& operator=(const UnlimitedTrace&) = delete;

 private:
  static void lift_limit(bool lifted);
  const bool lifted_;
};

}  // namespace csp::detail
