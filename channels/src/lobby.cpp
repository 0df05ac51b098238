// SPDX-License-Identifier: Apache-2.0
//
// How a caller waits for a served process that is busy: see lobby.hpp.
#include "lobby.hpp"

#include <algorithm>

#include "core.hpp"
#include "server.hpp"

namespace csp::detail {
namespace {

constexpr unsigned kLooks = 12;
constexpr unsigned kFewLooks = 3;

/// Looks so many times, less and less often: 12 times are 15 us. Not at all where nobody can run
/// beside us. The lock is taken for each look, and held in the end.
bool look_again(Waiter& waiter, Operation*& peer, unsigned times) CSP_UNCHECKED {
  constexpr unsigned kMostPauses = 64;
  const unsigned looks = seam::spin_limit() > 0 ? times : 0;
  unsigned pauses = 4;
  for (unsigned i = 0; i < looks; ++i, pauses = std::min(2 * pauses, kMostPauses)) {
    waiter.channel->lock().unlock();
    for (unsigned j = 0; j < pauses; ++j) seam::pause();
    waiter.channel->lock().lock();
    if (waiter.channel->complete(waiter, peer)) return true;
  }
  return false;
}

/// Tells a guest to look where it is. The channel's lock is held before and after, but not while
/// the kernel is asked: else all who come by would wait for that, and the guest, awake, for us. It
/// may be gone by then, so only its word's address is used.
void ring(Core& channel, Lobby::Guest& guest) CSP_UNCHECKED {
  const seam::Word* const name = &guest.rung;
  // release: it then takes the lock, which orders the rest.
  guest.rung.store(1, std::memory_order_release);
  channel.lock().unlock();
  seam::wake_one(name);
  channel.lock().lock();
}

}  // namespace

bool wait_in_lobby(Waiter& waiter, Operation*& peer, bool makes_room) CSP_UNCHECKED {
  Lock& lock = waiter.channel->lock();
  Lobby& lobby = waiter.channel->lobby();
  // Who runs while others sleep is one too many, if looking again does not help soon.
  const unsigned looks = lobby.first() ? kFewLooks : kLooks;
  if (!makes_room && look_again(waiter, peer, looks)) return true;

  Lobby::Guest guest;
  lobby.enter(&guest, !makes_room);
  std::chrono::microseconds timer = Lobby::kTimer;
  bool happened = false;
  for (unsigned quiet = 0; guest.inside;) {
    const bool first = lobby.first() == &guest;
    // Under the lock: if another comes to the front, and leaves, he looks for us.
    const auto until = first ? guest.looked + timer : seam::Clock::time_point::max();
    guest.rung.store(0, std::memory_order_relaxed);  // rung under the lock only
    lock.unlock();
    while (guest.rung.load(std::memory_order_acquire) == 0) {
      if (!seam::sleep(guest.rung, 0, until)) break;
    }
    lock.lock();
    if (lobby.first() != &guest) continue;  // it was called, or another came to the front
    // As long as others pass by its turn will come; and if they leave no time between them, one
    // more who runs would only be in their way.
    const Lobby::Passed passed = lobby.look(guest);
    if (passed != Lobby::Passed::none) quiet = 0;
    if (passed != Lobby::Passed::many) {
      happened = waiter.channel->complete(waiter, peer);
      if (happened || (passed == Lobby::Passed::none && ++quiet == Lobby::kQuiet)) {
        lobby.leave_first();
      }
    }
    // Who has told it that it is the first may be the process for a moment yet, and then be gone.
    const bool told = guest.rung.load(std::memory_order_relaxed) != 0;
    timer = told ? Lobby::kMoment : Lobby::kTimer * (1 << quiet);
  }
  // Who is the first now has slept without a timer until now. If nobody passes by until it is
  // awake, it does not wait for its timer: nobody runs who would be disturbed. It is told before we
  // arrive, since nobody makes room until then: else nobody might run while the kernel is asked.
  if (Lobby::Guest* const heir = lobby.first()) {
    (void)lobby.look(*heir);
    ring(*waiter.channel, *heir);
  }
  if (happened) return true;
  lobby.arrive(carrier.passer);
  return waiter.channel->complete(waiter, peer) || look_again(waiter, peer, kLooks);
}

void call_first(Core& channel) CSP_UNCHECKED { ring(channel, *channel.lobby().leave_first()); }

}  // namespace csp::detail
