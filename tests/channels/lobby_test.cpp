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

void wait_for(std::chrono::nanoseconds time) {
  for (const auto until = now() + time; now() < until;) continue;
}

/// How often he was told anything but to go on.
unsigned let_pass(Lobby& lobby, Lobby::Passer& who, unsigned count) {
  unsigned told = 0;
  for (unsigned i = 0; i < count; ++i) told += lobby.pass(who) != Turn::none;
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
    lobby.enter(&guest, false);
    const auto check = function(lobby, guest);
    if (now() - began < Lobby::kTimer) return check();
  }
}

}  // namespace

TEST_SUITE_BEGIN("lobby");

TEST_CASE("lobby: nothing is counted where nobody waits") {
  Lobby lobby;
  Lobby::Passer runner;
  CHECK(let_pass(lobby, runner, 3 * Lobby::kTurn) == 0);
  CHECK(runner.passed == 0);
}

TEST_CASE("lobby: after his turn he calls the first, and when that has come he makes room") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    Lobby::Passer runner, newcomer, other;
    const unsigned early = let_pass(lobby, runner, Lobby::kTurn);
    const Turn call = lobby.pass(runner);
    (void)lobby.leave_first();
    const unsigned told = let_pass(lobby, runner, 10);
    lobby.arrive(newcomer);
    // His turn may have been over, and then he was shorter of it this time.
    newcomer.passed = Lobby::kTurn;
    const Turn his = lobby.pass(newcomer);
    const Turn others = lobby.pass(other);
    const Turn next = lobby.pass(runner);
    const Turn after = lobby.pass(runner);
    return [=] {
      CHECK(early == 0);
      CHECK(call == Turn::calls);
      CHECK(told == 0);
      CHECK(his == Turn::none);
      CHECK(others == Turn::none);
      CHECK(next == Turn::makes_room);
      CHECK(after == Turn::none);
    };
  });
}

TEST_CASE("lobby: each has his own turn, however many others pass by") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    Lobby::Passer one, two;
    unsigned told = 0;
    for (unsigned i = 0; i < Lobby::kTurn; ++i) {
      told += let_pass(lobby, one, 1) + let_pass(lobby, two, 1);
    }
    const Turn call = lobby.pass(two);
    return [=] {
      CHECK(told == 0);
      CHECK(call == Turn::calls);
    };
  });
}

TEST_CASE("lobby: what he passed by too often makes his next turn shorter, but not the one after") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    Lobby::Passer runner, newcomer;
    (void)let_pass(lobby, runner, Lobby::kTurn + 1);
    (void)lobby.leave_first();
    (void)let_pass(lobby, runner, 99);
    lobby.arrive(newcomer);
    const Turn room = lobby.pass(runner);
    const unsigned owed = runner.passed;
    runner.passed = 10 * Lobby::kTurn;
    lobby.arrive(newcomer);
    Lobby::Guest next;
    lobby.enter(&next, false);
    (void)lobby.pass(runner);
    (void)lobby.leave_first();
    lobby.arrive(newcomer);
    const Turn again = lobby.pass(runner);
    const unsigned at_most = runner.passed;
    return [=] {
      CHECK(room == Turn::makes_room);
      CHECK(owed == 101);
      CHECK(again == Turn::makes_room);
      CHECK(at_most == Lobby::kTurn);
    };
  });
}

TEST_CASE("lobby: who is called and does not come is made room for all the same, after a grace") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    Lobby::Passer runner, newcomer;
    (void)let_pass(lobby, runner, Lobby::kTurn);
    const Turn call = lobby.pass(runner);
    (void)lobby.leave_first();
    const unsigned told = let_pass(lobby, runner, Lobby::kGrace);
    const Turn late = lobby.pass(runner);
    lobby.arrive(newcomer);
    const Turn after = lobby.pass(runner);
    return [=] {
      CHECK(call == Turn::calls);
      CHECK(told == 0);
      CHECK(late == Turn::makes_room);
      CHECK(after == Turn::none);
    };
  });
}

TEST_CASE("lobby: who comes in the middle of his turn is the first, and the others keep places") {
  Lobby lobby;
  Lobby::Guest one, two, three;
  lobby.enter(&one, true);
  lobby.enter(&two, false);
  lobby.enter(&three, true);
  for (Lobby::Guest* const guest : {&three, &one, &two}) {
    CHECK(lobby.first() == guest);
    CHECK(guest->inside);
    CHECK(lobby.leave_first() == guest);
    CHECK_FALSE(guest->inside);
  }
  CHECK(lobby.first() == nullptr);
}

TEST_CASE("lobby: nobody makes room where there is time between those who pass") {
  Lobby lobby;
  Lobby::Guest guest;
  Lobby::Passer runner, newcomer;
  lobby.enter(&guest, false);
  wait_for(Lobby::kTurn * Lobby::kSparse);
  CHECK(let_pass(lobby, runner, Lobby::kTurn) == 0);
  CHECK(lobby.pass(runner) == Turn::calls);
  (void)lobby.leave_first();
  CHECK(let_pass(lobby, runner, Lobby::kTurn - 1) == 0);
  lobby.arrive(newcomer);
  CHECK(let_pass(lobby, runner, Lobby::kTurn) == 0);
}

TEST_CASE("lobby: one that was held up is not yet time between those who pass") {
  soon([](Lobby& lobby, Lobby::Guest&) {
    Lobby::Passer runner, newcomer;
    runner.passed = Lobby::kTurn;
    wait_for(10 * Lobby::kSparse);
    const Turn call = lobby.pass(runner);
    (void)lobby.leave_first();
    lobby.arrive(newcomer);
    const Turn next = lobby.pass(runner);
    return [=] {
      CHECK(call == Turn::calls);
      CHECK(next == Turn::makes_room);
    };
  });
}

TEST_CASE("lobby: nobody makes room for one who came long ago, when all others stopped") {
  Lobby lobby;
  Lobby::Passer runner, newcomer;
  soon([&](Lobby& busy, Lobby::Guest&) {
    runner.passed = 0;
    (void)let_pass(busy, runner, Lobby::kTurn + 1);
    (void)busy.leave_first();
    busy.arrive(newcomer);
    lobby = busy;
    const unsigned passed = runner.passed;
    const Turn soon_after = busy.pass(runner);
    runner.passed = passed;
    return [=] { CHECK(soon_after == Turn::makes_room); };
  });
  wait_for(Lobby::kTimer);
  CHECK(lobby.pass(runner) == Turn::none);
}

TEST_CASE("lobby: the first sees whether any passed by, and whether there is time between them") {
  Lobby::Passer runner;
  soon([&](Lobby& lobby, Lobby::Guest& guest) {
    const Passed nobody = lobby.look(guest);
    (void)let_pass(lobby, runner, Lobby::kTimer / Lobby::kSparse);
    const Passed crowd = lobby.look(guest);
    return [=] {
      CHECK(nobody == Passed::none);
      CHECK(crowd == Passed::many);
    };
  });
  Lobby lobby;
  Lobby::Guest guest;
  lobby.enter(&guest, false);
  (void)lobby.pass(runner);
  wait_for(Lobby::kSparse);
  CHECK(lobby.look(guest) == Passed::few);
  CHECK(lobby.look(guest) == Passed::none);
}

TEST_SUITE_END();
