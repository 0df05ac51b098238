// SPDX-License-Identifier: Apache-2.0
//
// perform(): a set of cases of which exactly one happens; Go's selectgo. Plain sends and receives
// are the same thing with one case, or with a stop and a deadline behind it. Three passes:
//
//   look     lock all channels, in address order, so that two selects with opposite case lists
//            cannot wait for each other (C25). All locks are held together, hence "which of these
//            can happen?" is asked at one moment (C24). If one can, it happens now.
//   enqueue  still under the locks: nothing can slip in between the look and the queueing. Then
//            unlock and sleep; the party that makes one of the cases happen claims the operation.
//   dequeue  take the losing cases out of their queues, one lock at a time: they are dead since the
//            claim, so it does not matter when they go, only that none is left behind (C28).
//
// Stop and time are cases like any other: ready when requested or due, chosen among the ready ones
// with equal chance. A peer that was waiting is published only after all locks are free, so the
// woken thread does not run into a lock of ours.
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>

#include "core/channel.hpp"
#include "core/random.hpp"
#include "core/traced.hpp"

namespace csp::detail {
namespace {

/// The cases' channels in address order, each once: an insertion sort into the cases' own list,
/// since a select has a handful of cases and must not allocate. Which locks these are is known only
/// at run time, beyond what the annotations can say.
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

/// Whether a case could happen now. The clock is read once, and only if a case asks for it.
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

/// The case to try: uniform among the ready ones, whatever stands between them (C30), by drawing
/// the k-th ready one with chance 1/k; or the first. Null if none is ready.
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

/// Pass 1: makes one case happen now and returns it; null if none can.
QueuedCase* look(std::span<QueuedCase> cases, Choice choice, Operation*& peer) CSP_UNCHECKED {
  if (cases.size() == 1 && cases.front().channel) {
    return cases.front().channel->complete(cases.front(), peer) ? &cases.front() : nullptr;
  }
  Readiness ready;
  // A picked case can turn out dead: its only peer was claimed elsewhere between ready() and
  // complete(), which drops that peer, so each turn of this loop has fewer left to try. When it
  // ends with none, no channel's case was ready at that moment: readiness of those only fades while
  // we hold the locks.
  while (QueuedCase* const picked = pick(cases, choice, ready)) {
    if (!picked->channel || picked->channel->complete(*picked, peer)) return picked;
  }
  for (QueuedCase& c : cases) {
    if (c.kind == CaseKind::otherwise) return &c;
  }
  return nullptr;
}

/// Pass 2. Cases on one channel become ready together, all by one peer or by close, so which is
/// first among them is drawn now (C27, C30). A queued case keeps its channel alive: the peer that
/// completes it may drop the last handle before we are out of here (C45).
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

/// Pass 3.
void dequeue(std::span<QueuedCase> cases, std::size_t happened) {
  for (QueuedCase& c : cases) {
    // The case that happened was taken out of its queue by the thread that claimed it.
    if (!c.channel || c.index == happened) continue;
    Locked locked(c.channel->lock());
    c.channel->dequeue(c);
  }
}

/// Sleeps until one of the queued cases has happened.
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
    trace.emit(*happened);  // last: a message that describes itself may wait for the peer
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
