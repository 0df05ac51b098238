// SPDX-License-Identifier: Apache-2.0
//
// The lobby's rules by themselves: when its first is called, who makes room for him, and when he
// tries without being called.
#include "lobby.hpp"

#include <doctest/doctest.h>

namespace {

using csp::detail::Lobby;
using csp::detail::seam::now;
using Turn = Lobby::Turn;
using Passed = Lobby::Passed;

constexpr int kGuest = 0;
constexpr int kOther = 0;

void wait_for(std::chrono::nanoseconds time) {
  for (const auto until = now() + time; now() < until;) continue;
}

/// How many of them were told anything but to go on.
unsigned let_pass(Lobby& lobby, unsigned count) {
  unsigned told = 0;
  for (unsigned i = 0; i < count; ++i) told += lobby.pass(&kOther) != Turn::none;
  return told;
}

/// The rules have times; what must come within one is done again where the machine stood still.
/// The function gets a lobby and its guest, and returns what is to be checked then.
template <class F>
void soon(F function) {
  while (true) {
    Lobby lobby;
    Lobby::Guest guest;
    const auto began = now();
    lobby.enter(&guest);
    const auto check = function(lobby, guest);
    if (now() - began < Lobby::kTimer) return check();
  }
}

}  // namespace

TEST_SUITE_BEGIN("lobby");

TEST_CASE("lobby: nothing is counted where nobody waits") {
  Lobby lobby;
  CHECK(let_pass(lobby, 3 * Lobby::kPasses) == 0);
}

TEST_CASE("lobby: after so many the first is called, and when he has come the next makes room") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    const unsigned early = let_pass(lobby, Lobby::kPasses);
    const Turn call = lobby.pass(&kOther);
    (void)lobby.leave_first();
    const unsigned told = let_pass(lobby, 10);
    lobby.arrive(&kGuest);
    const bool awaits = lobby.awaits_room(&kGuest);
    const Turn own = lobby.pass(&kGuest);
    const Turn next = lobby.pass(&kOther);
    const Turn after = lobby.pass(&kOther);
    return [=] {
      CHECK(early == 0);
      CHECK(call == Turn::calls);
      CHECK(told == 0);
      CHECK(awaits);
      CHECK(own == Turn::none);
      CHECK(next == Turn::makes_room);
      CHECK(after == Turn::none);
    };
  });
}

TEST_CASE("lobby: who is called and does not come is made room for all the same, after a grace") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    (void)let_pass(lobby, Lobby::kPasses);
    const Turn call = lobby.pass(&kOther);
    (void)lobby.leave_first();
    const unsigned told = let_pass(lobby, Lobby::kGrace - 1);
    const Turn late = lobby.pass(&kOther);
    lobby.arrive(&kGuest);
    const Turn after = lobby.pass(&kOther);
    return [=] {
      CHECK(call == Turn::calls);
      CHECK(told == 0);
      CHECK(late == Turn::makes_room);
      CHECK(after == Turn::none);
    };
  });
}

TEST_CASE("lobby: nobody makes room where there is time between those who pass") {
  Lobby lobby;
  Lobby::Guest guest;
  lobby.enter(&guest);
  wait_for(Lobby::kPasses * Lobby::kSparse);
  CHECK(let_pass(lobby, Lobby::kPasses) == 0);
  CHECK(lobby.pass(&kOther) == Turn::calls);
  (void)lobby.leave_first();
  CHECK(let_pass(lobby, Lobby::kPasses) == 0);
  lobby.arrive(&kGuest);
  CHECK_FALSE(lobby.awaits_room(&kGuest));
  CHECK(lobby.pass(&kOther) == Turn::none);
}

TEST_CASE("lobby: nobody makes room for one who came long ago, when all others stopped") {
  Lobby lobby;
  soon([&](Lobby& busy, Lobby::Guest&) {
    (void)let_pass(busy, Lobby::kPasses + 1);
    (void)busy.leave_first();
    busy.arrive(&kGuest);
    lobby = busy;
    const bool awaits = lobby.awaits_room(&kGuest);
    return [=] { CHECK(awaits); };
  });
  wait_for(Lobby::kTimer);
  CHECK(lobby.pass(&kOther) == Turn::none);
  CHECK_FALSE(lobby.awaits_room(&kGuest));
}

TEST_CASE("lobby: the first sees whether any passed by, and whether there is time between them") {
  soon([](Lobby& lobby, Lobby::Guest& guest) {
    const Passed nobody = lobby.look(guest);
    (void)let_pass(lobby, Lobby::kTimer / Lobby::kSparse);
    const Passed crowd = lobby.look(guest);
    return [=] {
      CHECK(nobody == Passed::none);
      CHECK(crowd == Passed::many);
    };
  });
  Lobby lobby;
  Lobby::Guest guest;
  lobby.enter(&guest);
  (void)lobby.pass(&kOther);
  wait_for(Lobby::kSparse);
  CHECK(lobby.look(guest) == Passed::few);
  CHECK(lobby.look(guest) == Passed::none);
}

TEST_SUITE_END();
