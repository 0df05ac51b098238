// SPDX-License-Identifier: Apache-2.0
//
// How a served process comes to rest between its rounds: it makes a case happen, or is parked with
// all its cases queued; and the places in its channels' queues that it keeps meanwhile
// (server.hpp).
//
// Parking is the one place where the baton is let go without being handed to anybody. It is done
// under the locks of all the process's channels, so that no message can slip in between the look
// and the queueing. From that moment on another thread may be the process, and may have gone on to
// its next rounds before we have freed the last of the locks. So we read nothing of the server's
// any more: the list of the locks begins with a copy, and it goes on through the waiters of
// channels that we hold; before he makes it anew he gives up the process's places, and for each of
// those he needs its channel's lock. (With no channel at all nothing would hold him up.)
#include <utility>

#include "server.hpp"
#include "sleepers.hpp"

namespace csp::detail {

/// Makes a case happen and tells which; or parks the process, and then the baton is gone; or finds
/// that only the own thread can go on.
std::size_t Server::settle(bool own) {
  const std::size_t come = stay(own) ? kParked : look_or_park(own);
  if (come == kParked) rest_may_have_come();
  return come;
}

/// Parks it where it is, if it may and nothing has come about since it was claimed.
bool Server::stay(bool own) {
  const Patience& patience = setup_.patience;
  if (!queued_ || !may_stay_ || due_ || patience.deadline == kAtOnce) return false;
  if (patience.stop && patience.stop->stop_requested()) return false;
  if (!own && patience.deadline < own_wakes_) return false;
  if (others_behind_.load(std::memory_order_relaxed) != 0) return false;
  if (own) own_wakes_ = patience.deadline;
  return let_go();
}

std::size_t Server::look_or_park(bool own) {
  if (!queued_) locks_ = LockSet(served_.cases);
  Operation* peer = nullptr;
  const Patience patience = setup_.patience;
  const LockSet locks = locks_;
  locks.lock();
  if (const Waiter* const happened = look(served_.cases, Choice::uniform, peer)) {
    locks.unlock();
    trace_.tell(*happened);
    // As perform(): a process that is to hear of time or of stop does not run others' handlers. Who
    // carries it may.
    if (peer) peer->complete(!own || (patience.deadline == kNever && !patience.stop));
    return static_cast<std::size_t>(happened - served_.cases.data());
  }
  std::size_t come = kParked;
  if (due_ || patience.deadline == kAtOnce) {
    come = setup_.on_timeout;
  } else if (patience.stop && patience.stop->stop_requested()) {
    come = setup_.on_stop;
  } else if (!own && patience.deadline < own_wakes_) {
    come = kForOwn;  // it must sleep less long
  } else {
    if (own) own_wakes_ = patience.deadline;
    take_places(locks.all_differ());
    if (!let_go()) {
      // acquire: what the question is about, such as a stop request, is seen when we look again.
      // What is asked after this is asked anew.
      claimed_.exchange(kOwn, std::memory_order_acq_rel);
      come = kForOwn;
    }
  }
  locks.unlock();
  return come;
}

/// Lets go of the baton for whoever comes next; false: somebody has come already.
bool Server::let_go() {
  trace_.blocks();
  std::uint32_t held = claimed_.load(std::memory_order_relaxed);
  // seq_cst: as release it hands on all we did as the process. And it comes before the look for
  // watchers in rest_may_have_come(), as a watcher's registering comes before his look at this
  // word: one of the two sees the other, else rest would come and nobody tell.
  if ((held & kFlags) == 0 &&
      claimed_.compare_exchange_strong(held, kNobody, std::memory_order_seq_cst)) {
    return true;
  }
  trace_.goes_on();
  return false;
}

/// Behind all others, as any select that begins now. Under the locks of all the channels.
void Server::take_places(bool may_stay) CSP_UNCHECKED {
  for (Waiter& waiter : served_.cases) {
    if (!waiter.channel) continue;
    if (queued_) {
      waiter.channel->dequeue(waiter);
    } else {
      waiter.channel->retain();
    }
  }
  enqueue(served_.cases, *this, Choice::uniform);
  others_behind_.store(0, std::memory_order_relaxed);  // written under these locks
  // Who came by until now has left what he did on the channels, where we have just looked. relaxed:
  // it is set under the channels' locks, and those we hold.
  std::uint32_t held = claimed_.load(std::memory_order_relaxed);
  while ((held & kMissed) != 0 &&
         !claimed_.compare_exchange_strong(held, held & ~kMissed, std::memory_order_relaxed)) {
  }
  queued_ = true;
  may_stay_ = may_stay;
}

void Server::give_up_places() {
  if (!std::exchange(queued_, false)) return;
  for (Waiter& waiter : served_.cases) {
    if (!waiter.channel) continue;
    {
      Locked locked(waiter.channel->lock());
      waiter.channel->dequeue(waiter);
    }
    waiter.channel->release();
  }
}

}  // namespace csp::detail
