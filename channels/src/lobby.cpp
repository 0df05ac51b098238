// SPDX-License-Identifier: Apache-2.0
//
// How a caller waits for a served process that is busy: see lobby.hpp.
#include "lobby.hpp"

#include <algorithm>

#include "core.hpp"

namespace csp::detail {
namespace {

/// Looks again and again, less and less often: 15 us in all. Not at all where nobody can run beside
/// us. The lock is taken for each look, and held in the end.
bool look_again(Waiter& waiter, Operation*& peer) CSP_UNCHECKED {
  constexpr unsigned kLooks = 12;
  constexpr unsigned kMostPauses = 64;
  const unsigned looks = seam::spin_limit() > 0 ? kLooks : 0;
  unsigned pauses = 4;
  for (unsigned i = 0; i < looks; ++i, pauses = std::min(2 * pauses, kMostPauses)) {
    waiter.channel->lock().unlock();
    for (unsigned j = 0; j < pauses; ++j) seam::pause();
    waiter.channel->lock().lock();
    if (waiter.channel->complete(waiter, peer)) return true;
  }
  return false;
}

/// Tells a guest to look where it is; the name is for the wake-up, once the lock is free.
const seam::Word* ring(Lobby::Guest* guest) {
  // release: it then takes the lock, which orders the rest.
  if (guest) guest->rung.exchange(1, std::memory_order_release);
  return guest ? &guest->rung : nullptr;
}

}  // namespace

bool wait_in_lobby(Waiter& waiter, Operation*& peer, bool makes_room) CSP_UNCHECKED {
  if (!makes_room && look_again(waiter, peer)) return true;

  Lock& lock = waiter.channel->lock();
  Lobby& lobby = waiter.channel->lobby();
  Lobby::Guest guest;
  lobby.enter(&guest);
  const seam::Word* rung = makes_room ? ring(lobby.leave_first()) : nullptr;
  while (guest.inside) {
    const bool first = lobby.first() == &guest;
    const unsigned passes = lobby.passes();
    guest.rung.store(0, std::memory_order_relaxed);  // rung under the lock only
    lock.unlock();
    // After the unlock, so that it does not run into the lock. It may be gone: only the address.
    if (rung) seam::wake_one(std::exchange(rung, nullptr));
    const auto until = first ? seam::now() + Lobby::kTimer : seam::Clock::time_point::max();
    bool in_time = true;
    while (in_time && guest.rung.load(std::memory_order_acquire) == 0) {
      in_time = seam::sleep(guest.rung, 0, until);
    }
    lock.lock();
    // As long as others pass by its turn will come; one more who runs would only be in their way.
    if (!in_time && guest.inside && lobby.passes() == passes) lobby.leave_first();
  }
  // Who is the first now has slept without a timer until now.
  rung = ring(lobby.first());
  const bool happened = waiter.channel->complete(waiter, peer) || look_again(waiter, peer);
  // With the lock held, this once: the caller goes on under it.
  if (rung) seam::wake_one(rung);
  return happened;
}

}  // namespace csp::detail
