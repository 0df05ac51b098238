// SPDX-License-Identifier: Apache-2.0
//
// What the core sees of the trace: a switch, numbers, and a place to put finished events.
//
//   describe   before the operation, no lock held: a message to be sent tells about itself, while
//              it is still there
//   number     under the channel's lock, when the operation happens: the event's place in the one
//              order of all events. Whoever makes it happen takes the numbers of both sides.
//   push       after the operation, no lock held, by the thread whose operation it was
//
// A number that was taken is always pushed, whatever happens to the switch in between; the draining
// thread relies on it. And it is pushed before any handler can run on the thread that took it: a
// handler may wait, for room in the trace or for who does, and must not wait for a number that is
// only pushed when it is done. So a thread tells at once of its own side, of the answer to a call
// beneath, and of what it has brought to a served process; a peer that sleeps is woken, and tells
// of its side itself.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "csp/detail/core.hpp"
#include "csp/tracing.hpp"

namespace csp::detail {

inline bool trace_on() { return tracing(); }

/// Numbers for two sides of one hand-over, in this order; either may be null. Lock held.
void number_events(Waiter* first, Waiter* second);
inline void number(Waiter* first, Waiter* second = nullptr) {
  if (trace_on()) [[unlikely]]
    number_events(first, second);
}

/// The same for the answer to a call beneath on this thread. Both are traced or neither, and
/// pushed together.
void number_answer_events(Waiter& send, Waiter& answer);
inline void number_answer(Waiter& send, Waiter& answer) {
  if (trace_on()) [[unlikely]]
    number_answer_events(send, answer);
}

/// Where the trace is full (Overflow::block), waits for room. Not under any lock.
void wait_for_room();

/// Looks at ASYNCSTREAM_TRACE; true if it is set. Called before main.
bool trace_from_environment();

/// One call's part in the trace.
class TracedCall {
 public:
  TracedCall() = default;
  explicit TracedCall(std::span<Waiter> cases) {
    if (trace_on()) [[unlikely]]
      describe(cases);
  }
  void begin(std::span<Waiter> cases) {
    began_ = {};
    if (trace_on() || only_ || !described_.empty()) [[unlikely]]
      describe(cases);
  }
  /// From now on the call waits. Before a peer can know of it.
  void blocks() {
    if (trace_on() && began_ == Clock::time_point{}) [[unlikely]]
      began_ = Clock::now();
  }
  /// It need not wait after all.
  void goes_on() { began_ = {}; }
  /// The case that happened.
  void tell(const Waiter& happened) {
    if (happened.sequence != 0) [[unlikely]]
      push(happened);
  }
  /// After it is told, and all are woken whom it concerns: waits for room. Not for what is not
  /// traced, as a recorder may wait for just that.
  static void end(const Waiter& happened) {
    if (happened.sequence != 0) [[unlikely]]
      wait_for_room();
  }

 private:
  void describe(std::span<Waiter> cases);
  void push(const Waiter& happened);

  std::optional<Fields> only_;     // of the case that sends, if there is no other: in place
  std::vector<Fields> described_;  // of the cases that send, in their order, if there are others
  Clock::time_point began_{};      // to wait; not, if 0
};

/// Tells of a close, which was numbered as `waiter`.
void push_close(const Waiter& waiter);

}  // namespace csp::detail
