// SPDX-License-Identifier: Apache-2.0
//
// perform(): a set of cases of which exactly one happens; Go's selectgo. Plain sends and receives
// are the same thing with one case. Three passes:
//
//   look     lock all channels, in address order, so that two selects with opposite case lists
//            cannot wait for each other (C25). All locks are held together, hence "which of these
//            can happen?" is asked at one moment (C24). If one can, it happens now.
//   enqueue  still under the locks: nothing can slip in between the look and the queueing. Then
//            unlock and sleep; whoever makes one of the cases happen claims the operation.
//   dequeue  take the losing cases out of their queues, one lock at a time: they are dead since the
//            claim, so it does not matter when they go, only that none is left behind (C28).
//
// A peer that was waiting is published only after all locks are free, so the woken thread does not
// run into a lock of ours.
#include <limits>
#include <utility>

#include "choice.hpp"
#include "current_process.hpp"
#include "passes.hpp"
#include "server.hpp"
#include "trace_hook.hpp"

namespace csp::detail {
namespace {

/// Pass 1. The case to try: uniform among the ready ones, whatever stands between them (C30), by
/// drawing the k-th ready one with chance 1/k; or the first. Null if none is ready.
Waiter* pick(std::span<Waiter> cases, Choice choice) CSP_UNCHECKED {
  Waiter* picked = nullptr;
  std::uint32_t ready = 0;
  for (Waiter& waiter : cases) {
    if (!waiter.channel || !waiter.channel->ready(waiter)) continue;
    if (choice == Choice::in_order) return &waiter;
    if (++ready == 1 || random_below(ready) == 0) picked = &waiter;
  }
  return picked;
}

}  // namespace

Waiter* look(std::span<Waiter> cases, Choice choice, Operation*& peer) CSP_UNCHECKED {
  if (cases.size() == 1) {
    Waiter& only = cases.front();
    return only.channel && only.channel->complete(only, peer) ? &only : nullptr;
  }
  // A picked case can turn out dead: its only peer was claimed elsewhere between ready() and
  // complete(), which drops that peer, so each turn of this loop has fewer left to try. When it
  // ends with none, no case is ready at that moment: readiness only fades while we hold the locks.
  while (Waiter* const picked = pick(cases, choice)) {
    if (picked->channel->complete(*picked, peer)) return picked;
  }
  return nullptr;
}

/// Pass 2. Cases on one channel become ready together, all by one peer or by close, so who is first
/// among them is drawn now (C27, C30).
void enqueue(std::span<Waiter> cases, Operation& operation, Choice choice) CSP_UNCHECKED {
  const bool draws = choice == Choice::uniform && cases.size() > 1;
  std::uint32_t index = 0;
  for (Waiter& waiter : cases) {
    waiter.operation = &operation;
    waiter.index = index++;
    waiter.turn = draws ? random_below(std::numeric_limits<std::uint32_t>::max()) : waiter.index;
    if (waiter.channel) waiter.channel->enqueue(waiter);
  }
}

void dequeue(std::span<Waiter> cases, std::uint32_t claimed) {
  for (Waiter& waiter : cases) {
    // The case that happened was taken out of its queue by whoever claimed it.
    if (!waiter.channel || Operation::kFirstCase + waiter.index == claimed) continue;
    Locked locked(waiter.channel->lock());
    waiter.channel->dequeue(waiter);
  }
}

namespace {
bool stoppable(const Patience& patience) { return patience.stop && patience.stop->stop_possible(); }

/// A single case that may wait without limit: makes it happen at once, or, where a served process
/// is busy, after a while in the lobby.
bool complete_or_wait(Waiter& only, Operation*& peer, TracedCall& trace) CSP_UNCHECKED {
  Core& channel = *only.channel;
  // Who is a process in a handler, or has somebody's baton, does not wait here: others may for him.
  const bool waits = !carrier.runs && !carrier.first_brought;
  if (waits) {
    const Lobby::Turn turn = channel.lobby().pass(carrier.passer);
    if (turn == Lobby::Turn::makes_room) {
      trace.blocks();
      return wait_in_lobby(only, peer, true);
    }
    if (turn == Lobby::Turn::calls) call_first(channel);
  }
  if (channel.complete(only, peer)) return true;
  if (!waits || !channel.meets_served(only)) return false;
  trace.blocks();
  return wait_in_lobby(only, peer, false);
}

std::uint32_t wait(Operation& operation, const Patience& patience, std::span<const Waiter> cases) {
  if (!stoppable(patience)) return operation.wait(patience.deadline, cases);
  const seam::StopCallback<StopClaim> watch(*patience.stop, StopClaim{&operation});
  return operation.wait(patience.deadline, cases);
}

}  // namespace

std::size_t perform(std::span<Waiter> cases, const Patience& patience, Choice choice) {
  TracedCall trace(cases);
  LockSet locks(cases);
  // Only who may wait without limit may run a handler of somebody else's: it may take any time
  // (C10, C35, C37).
  const bool carries = patience.deadline == kNever && !stoppable(patience);
  Operation* peer = nullptr;

  locks.lock();
  Waiter* happened = nullptr;
  if (carries && cases.size() == 1 && cases.front().channel) {
    if (complete_or_wait(cases.front(), peer, trace)) happened = &cases.front();
  } else {
    happened = look(cases, choice, peer);
  }
  if (happened) {
    locks.unlock();
    trace.tell(*happened);
    if (peer) peer->complete(carries);
    TracedCall::end(*happened);
    run_brought();
    return static_cast<std::size_t>(happened - cases.data());
  }
  if (patience.deadline == kAtOnce) {
    locks.unlock();
    leave_brought();  // a handler that tries again and again may wait for just that
    return kTimedOut;
  }
  if (patience.stop && patience.stop->stop_requested()) {
    locks.unlock();
    leave_brought();  // the same
    return kStopped;
  }
  Operation operation;
  trace.blocks();
  enqueue(cases, operation, choice);
  locks.unlock();
  leave_brought();

  const std::uint32_t claimed = wait(operation, patience, cases);
  dequeue(cases, claimed);

  if (claimed == Operation::kDeadline) return kTimedOut;
  if (claimed == Operation::kStop) return kStopped;
  const std::size_t index = claimed - Operation::kFirstCase;
  trace.tell(cases[index]);
  TracedCall::end(cases[index]);
  return index;
}

namespace {

/// Announces what a call on this thread will receive; taken back whatever comes of the request,
/// else the next send would write into a frame that is gone.
class Expecting {
 public:
  explicit Expecting(Waiter* answer)
      : outer_(std::exchange(carrier.expected, answer)),
        outer_caller_(std::exchange(carrier.caller, current_process)) {}
  ~Expecting() {
    carrier.expected = outer_;
    carrier.caller = outer_caller_;
  }
  Expecting(const Expecting&) = delete;
  Expecting& operator=(const Expecting&) = delete;

 private:
  Waiter* const outer_;
  const std::string* const outer_caller_;
};

}  // namespace

// The answer may come while our request is being completed: from a served process that we run on
// this thread, in its handler. So the receive is announced before the send, to this thread alone;
// its outcome tells whether it has happened meanwhile. Not if both are one channel: the request is
// not its own answer (C26).
std::size_t call(Waiter& request, Waiter& answer, const Patience& patience) {
  {
    const Expecting expecting(request.channel == answer.channel ? nullptr : &answer);
    perform({&request, 1}, {}, Choice::in_order);
  }
  if (request.outcome != Outcome::ok) return 0;
  if (answer.outcome == Outcome::ok) return 0;
  return perform({&answer, 1}, patience, Choice::in_order);
}

}  // namespace csp::detail
