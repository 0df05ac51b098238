// SPDX-License-Identifier: Apache-2.0
//
// perform(): makes exactly one of a set of cases happen; Go's selectgo. A plain send or receive is
// the same operation with one case, followed by a stop case and a time case if it has such limits.
// There are three passes:
//
//   look     Lock all channels, in address order, so that two selects with opposite case lists
//            cannot deadlock (C25). All locks are held together, so the question "which of these
//            can happen?" refers to one moment (C24). If a case can happen, it happens now.
//   enqueue  Still under the locks, queue every case, so that nothing can change between look and
//            enqueue. Then unlock and sleep; the party that makes a case happen claims the
//            operation.
//   dequeue  Remove the losing cases from their queues, one lock at a time. They have been dead
//            since the claim, so it does not matter when they go, only that none is left (C28).
//
// Stop and time are cases like any other: ready when requested or due, and chosen among the ready
// cases with equal chance. A waiting peer is published only after all locks are free, so that the
// woken thread does not find them held.
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>

#include "core/channel.hpp"
#include "core/random.hpp"
#include "core/traced.hpp"

namespace csp::detail {
namespace {

/// The cases' channels in address order, each once. This is an insertion sort into a list that is
/// linked through the cases, since a select has a handful of cases and must not allocate. Which
/// locks it holds is known only at run time and cannot be expressed by annotations.
class LockSet {
 public:
  explicit LockSet(std::span<QueuedCase> cases) {
    for (QueuedCase& c : cases) {
      if (!c.channel) continue;
      QueuedCase** place = &first_;
      while (*place && before((*place)->channel, c.channel)) place = &(*place)->next_to_lock;
      if (*place && (*place)->channel == c.channel) continue;
      c.next_to_lock = *place;
      *place = &c;
    }
  }

  void lock() const CSP_UNCHECKED {
    for (QueuedCase* c = first_; c; c = c->next_to_lock) c->channel->lock().lock();
  }
  void unlock() const CSP_UNCHECKED {
    for (QueuedCase* c = first_; c; c = c->next_to_lock) c->channel->lock().unlock();
  }

 private:
  static bool before(const Core* a, const Core* b) { return std::less<const Core*>{}(a, b); }
  QueuedCase* first_ = nullptr;
};

/// Whether a case can happen now. The clock is read once, and only if a case needs it.
class Readiness {
 public:
  bool operator()(const QueuedCase& c) CSP_UNCHECKED {
    switch (c.kind) {
      case CaseKind::send:
      case CaseKind::receive:
        return c.channel && c.channel->ready(c);
      case CaseKind::stop:
        return c.token->stop_requested();
      case CaseKind::time:
        if (c.due == kNever || c.due == kAtOnce) return c.due == kAtOnce;
        if (!now_) now_ = seam::now();
        return *now_ >= c.due;
      case CaseKind::disabled:
      case CaseKind::otherwise:
        break;
    }
    return false;
  }

 private:
  std::optional<Clock::time_point> now_;
};

/// The case to try, or null if none is ready: with Choice::uniform any ready one with the same
/// chance, whatever other cases stand between them (C30), since the k-th ready case replaces the
/// choice with probability 1/k; otherwise the first ready one.
QueuedCase* pick(std::span<QueuedCase> cases, Choice choice, Readiness& ready) {
  QueuedCase* picked = nullptr;
  std::uint32_t count = 0;
  for (QueuedCase& c : cases) {
    if (!ready(c)) continue;
    if (choice == Choice::in_order) return &c;
    if (++count == 1 || random_below(count) == 0) picked = &c;
  }
  return picked;
}

/// Pass 1: makes one case happen now and returns it, or null if none can.
QueuedCase* look(std::span<QueuedCase> cases, Choice choice, Operation*& peer) CSP_UNCHECKED {
  if (cases.size() == 1 && cases.front().channel) {
    return cases.front().channel->complete(cases.front(), peer) ? &cases.front() : nullptr;
  }
  Readiness ready;
  // A picked case can turn out to be impossible: its only peer was claimed elsewhere between
  // ready() and complete(), which drops that peer. So each iteration has fewer peers left to try.
  // When none is left, no channel's case was ready at that moment, because while the locks are held
  // cases on channels can only stop being ready.
  while (QueuedCase* const picked = pick(cases, choice, ready)) {
    if (!picked->channel || picked->channel->complete(*picked, peer)) return picked;
  }
  for (QueuedCase& c : cases) {
    if (c.kind == CaseKind::otherwise) return &c;
  }
  return nullptr;
}

/// Pass 2: queues every case. The cases on one channel become ready together, through one peer or
/// through close, so the order among them is drawn now (C27, C30). A queued case keeps its channel
/// alive, because the peer that completes it may drop the last handle before this operation has
/// left the channel (C45).
void enqueue(std::span<QueuedCase> cases, Operation& operation, Choice choice) CSP_UNCHECKED {
  const bool draws = choice == Choice::uniform && cases.size() > 1;
  std::uint32_t index = 0;
  for (QueuedCase& c : cases) {
    c.operation = &operation;
    c.index = index++;
    if (!c.channel) continue;
    c.turn = draws ? random_below(std::numeric_limits<std::uint32_t>::max()) : c.index;
    c.channel->retain();
    c.channel->enqueue(c);
  }
}

/// Pass 3: removes the cases that did not happen.
void dequeue(std::span<QueuedCase> cases, std::size_t happened) {
  for (QueuedCase& c : cases) {
    // The claiming thread has already removed the case that happened.
    if (!c.channel || c.index == happened) continue;
    Locked locked(c.channel->lock());
    c.channel->dequeue(c);
  }
}

/// Pass 2, continued: sleeps until one of the queued cases has happened, and returns its index.
std::size_t wait(std::span<QueuedCase> cases, Operation& operation) {
  const QueuedCase* stop = nullptr;
  const QueuedCase* first_due = nullptr;
  for (const QueuedCase& c : cases) {
    if (c.kind == CaseKind::stop && c.token->stop_possible()) stop = &c;
    if (c.kind == CaseKind::time && (!first_due || c.due < first_due->due)) first_due = &c;
  }
  std::optional<seam::StopCallback<StopClaim>> watch;
  if (stop) watch.emplace(*stop->token, StopClaim{&operation, stop->index});
  const UnlimitedTrace unlimited;
  return operation.wait(first_due ? first_due->due : kNever, first_due ? first_due->index : 0,
                        cases);
}

}  // namespace

std::size_t perform(std::span<QueuedCase> cases, Choice choice) {
  TracedCall trace(cases);
  const LockSet locks(cases);
  Operation* peer = nullptr;
  locks.lock();
  if (const QueuedCase* const happened = look(cases, choice, peer)) {
    locks.unlock();
    if (peer) peer->publish();
    trace.emit(*happened);  // last: a message's describe() may wait for the peer
    return static_cast<std::size_t>(happened - cases.data());
  }
  Operation operation;
  trace.blocks();
  enqueue(cases, operation, choice);
  locks.unlock();

  const std::size_t happened = wait(cases, operation);
  dequeue(cases, happened);
  trace.emit(cases[happened]);
  for (const QueuedCase& c : cases) {
    if (c.channel) c.channel->release();
  }
  return happened;
}

Outcome perform_one(const CaseSpec& spec, const WaitLimit& limit) {
  const bool stoppable = limit.stop && limit.stop->stop_possible();
  if (!stoppable && limit.deadline == kNever) {
    QueuedCase only{spec};
    perform({&only, 1}, Choice::in_order);
    return only.outcome;
  }
  QueuedCase cases[] = {{spec}, {}, {}};
  std::size_t count = 1;
  if (stoppable) {
    cases[count] = {{.kind = CaseKind::stop, .token = limit.stop}};
    cases[count++].outcome = Outcome::cancelled;
  }
  if (limit.deadline != kNever) {
    const CaseKind kind = limit.deadline == kAtOnce ? CaseKind::otherwise : CaseKind::time;
    cases[count] = {{.kind = kind, .due = limit.deadline}};
    cases[count++].outcome = Outcome::timeout;
  }
  return cases[perform({cases, count}, Choice::in_order)].outcome;
}

}  // namespace csp::detail
