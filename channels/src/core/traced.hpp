// SPDX-License-Identifier: Apache-2.0
//
// What the core sees of the trace: a switch, sequence numbers, and a place to put finished events.
//
//   begin     before the operation, no lock held: where the trace is full it waits for room, the
//             one place where an operation does; and a message to be sent describes itself
//   sequence  under the channel's lock, when the operation happens: the event's place in the one
//             order of all events. The thread that makes it happen takes the numbers of both sides.
//   emit      after the operation, no lock held, by the thread whose operation it was
//
// A number that was taken is always emitted, whatever happens to the switch in between, and without
// waiting for anything: the draining thread relies on it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "csp/detail/core.hpp"
#include "csp/tracing.hpp"
#include "seam/annotations.hpp"

namespace csp::detail {

/// This thread is in a recorder, or in a message's description. What it does on channels is not
/// traced and does not wait for room: it would wait for itself.
extern thread_local bool trace_exempt CSP_NEAR;

/// Takes the numbers for two sides of one hand-over, in this order; either may be null. Lock held.
void assign_sequences(QueuedCase* first, QueuedCase* second);
inline void assign_sequence(QueuedCase* first, QueuedCase* second = nullptr) {
  if (tracing()) [[unlikely]]
    assign_sequences(first, second);
}

/// One call's part in the trace.
class TracedCall {
 public:
  explicit TracedCall(std::span<QueuedCase> cases) {
    if (tracing()) [[unlikely]]
      begin(cases);
  }
  /// From now on the call waits. Before a peer can know of it.
  void blocks() {
    if (tracing()) [[unlikely]]
      began_ = Clock::now();
  }
  /// The case that happened.
  void emit(const QueuedCase& happened) {
    if (happened.sequence != 0) [[unlikely]]
      emit_event(happened);
  }

 private:
  void begin(std::span<QueuedCase> cases);
  void emit_event(const QueuedCase& happened);

  std::optional<Fields> only_;     // of the case that sends, if there is no other: in place
  std::vector<Fields> described_;  // of the cases that send, in their order, if there are others
  Clock::time_point began_{};      // to wait; not, if 0
};

/// Emits a close, which was numbered as `c`.
void emit_close(const QueuedCase& c);

/// While one exists on a thread that is exempt, no operation waits for room in the trace: those
/// that do may be what this thread is about to wait for, and it is what room waits for.
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
