// SPDX-License-Identifier: Apache-2.0
//
// Go's test/chan programs about select, restated: select2 to select8. Each case names its program.
// Where Go panics (a send on a closed channel) the outcome here is `closed`.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <functional>
#include <vector>

#include "support/allocations.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::otherwise;
using csp::Outcome;
using csp::select;
using csp::when;
using namespace std::chrono_literals;

// Whether an operation with a default or a timeout found no case ready.
bool blocks(std::size_t happened, std::size_t none) { return happened == none; }

// select7: a receiver and a sender of one value, each in three forms.
using Exchange = std::function<void(const Channel<int>&, const Channel<int>&)>;

const std::array<Exchange, 3> kReceivers = {
    [](const Channel<int>& c, const Channel<int>&) { CHECK(c.receive() == 1); },
    [](const Channel<int>& c, const Channel<int>&) {
      select(on_receive(c, [](std::optional<int> got) { CHECK(got == 1); }));
    },
    [](const Channel<int>& c, const Channel<int>& dummy) {
      CHECK(select(on_receive(c), on_receive(dummy)) == 0);
    }};
const std::array<Exchange, 3> kSenders = {
    [](const Channel<int>& c, const Channel<int>&) { CHECK(c.send(1) == Outcome::ok); },
    [](const Channel<int>& c, const Channel<int>&) { select(on_send(c, 1)); },
    [](const Channel<int>& c, const Channel<int>& dummy) {
      CHECK(select(on_send(c, 1), on_send(dummy, 2)) == 0);
    }};

}  // namespace

TEST_SUITE_BEGIN("go_select_cases");

TEST_CASE("Go select2: selects beside a quiet channel allocate nothing (C28, C55)") {
  const int rounds = int(support::scaled(100000));
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> quiet = Channel<int>::make("quiet");
  support::Threads threads;
  threads.run([&] {
    const support::Allocations before = support::allocations_here();
    bool right = true;
    for (int i = 0; i < rounds; ++i) right &= c.send(int{i}) == Outcome::ok;
    CHECK((support::allocations_here() - before).made == 0);
    CHECK(right);
  });
  const support::Allocations before = support::allocations_here();
  for (int i = 0; i < rounds; ++i) select(on_receive(c), on_receive(quiet));
  CHECK((support::allocations_here() - before).made == 0);
  CHECK(support::nobody_waits(quiet));
}

TEST_CASE("Go select3: which operations block, and which never do (C3, C20, C22, C26, C33)") {
  const Channel<int> nil;
  const Channel<int> closed = Channel<int>::make("closed");
  CHECK(closed.close() == Outcome::ok);
  const Channel<int> empty = Channel<int>::make("empty", 1);
  const Channel<int> full = Channel<int>::make("full", 1);
  CHECK(full.send(1) == Outcome::ok);
  const Channel<int> unbuffered = Channel<int>::make("unbuffered");

  // These always block: nil in both directions, an unbuffered channel alone, empty and full ones.
  for (const Channel<int>& c : {nil, unbuffered, full}) {
    CHECK(blocks(select(on_send(c, 7), csp::after(200us)), 1));
    CHECK(blocks(select(on_send(c, 7), otherwise()), 1));
  }
  for (const Channel<int>& c : {nil, unbuffered, empty}) {
    CHECK(blocks(select(on_receive(c), csp::after(200us)), 1));
    CHECK(blocks(select(on_receive(c), otherwise()), 1));
  }
  CHECK(blocks(select(on_send(nil, 7), on_receive(nil), csp::after(200us)), 2));
  CHECK(blocks(select(on_send(unbuffered, 7), on_receive(unbuffered), csp::after(200us)), 2));
  CHECK(blocks(select(csp::after(200us)), 0));

  // These never block: closed channels in both directions, and the other directions of full and
  // empty.
  CHECK_FALSE(blocks(select(on_receive(closed), otherwise()), 1));
  CHECK_FALSE(blocks(select(on_send(closed, 7), otherwise()), 1));
  CHECK_FALSE(blocks(select(on_receive(full), otherwise()), 1));
  CHECK_FALSE(blocks(select(on_send(empty, 7), otherwise()), 1));
  CHECK_FALSE(blocks(select(on_receive(empty), on_send(empty, 7), otherwise()), 2));
  CHECK_FALSE(blocks(select(on_receive(empty), on_send(empty, 7), otherwise()), 2));
}

TEST_CASE("Go select4: the destination of a receive that is not chosen is not evaluated (C32)") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const Channel<int> other = Channel<int>::make("other");
  CHECK(c.send(42) == Outcome::ok);
  int evaluated = 0;
  int target = 0;
  const auto destination = [&]() -> int& {
    ++evaluated;
    return target;
  };
  select(on_receive(other, [&](std::optional<int> got) { destination() = *got; }),
         on_receive(c, [&](std::optional<int> got) { target = *got; }));
  CHECK(evaluated == 0);
  CHECK(target == 42);
}

TEST_CASE("Go select5: forms, positions of the default, dummies and nil cases (C21, C23, C32)") {
  const Channel<int> nil;
  const Channel<int> dummy = Channel<int>::make("dummy");
  const Channel<int> c = Channel<int>::make("c", 1);
  // Each bit switches one ingredient on. In every mixture the one ready case must fire; with
  // nothing ready the default must.
  for (unsigned mixture = 0; mixture < 64; ++mixture) {
    CAPTURE(mixture);
    const auto on = [&](unsigned bit) { return (mixture >> bit & 1) != 0; };
    for (const bool ready : {true, false}) {
      const bool sends = on(5);
      if (ready != sends) CHECK(c.try_send(7) == Outcome::ok);
      int evaluated = 0;
      std::optional<int> got = 1;
      const auto value = [&] {
        ++evaluated;
        return 8;
      };
      const std::size_t happened = csp::select_in_order(
          when(on(0), otherwise()), when(on(1), on_receive(dummy)),
          when(on(2), on_send(nil, value())), when(!sends, on_receive(c, got)),
          when(sends, on_send(c, value())), when(on(3), on_send(dummy, value())),
          when(on(4), on_receive(nil)), when(!on(0), csp::after(0s)));
      CHECK(evaluated == 3);
      CHECK(happened == (ready ? (sends ? 4U : 3U) : on(0) ? 0U : 7U));
      CHECK(got == (ready && !sends ? 7 : 1));
      c.try_receive();
    }
  }
}

TEST_CASE(
    "Go select6: a losing select that was last in a queue leaves the queue intact (C28, C29)") {
  const Channel<bool> c1 = Channel<bool>::make("c1");
  const Channel<bool> c2 = Channel<bool>::make("c2");
  const Channel<bool> c3 = Channel<bool>::make("c3");
  const Channel<bool> c4 = Channel<bool>::make("c4");
  support::Threads threads;
  threads.run([&] { CHECK(c1.receive() == true); });
  support::wait_for_receivers(c1, 1);
  threads.run([&] {
    CHECK(select(on_receive(c1), on_receive(c2)) == 1);
    CHECK(c3.send(true) == Outcome::ok);
  });
  support::wait_for_receivers(c1, 2);
  CHECK(c2.send(true) == Outcome::ok);
  CHECK(c3.receive() == true);  // the select, the last waiter on c1, has lost there
  threads.run([&] {
    CHECK(c1.receive() == true);
    CHECK(c4.send(true) == Outcome::ok);
  });
  support::wait_for_receivers(c1, 2);
  CHECK(c1.send(true) == Outcome::ok);
  CHECK(c1.send(true) == Outcome::ok);
  CHECK(c4.receive() == true);
}

TEST_CASE("Go select7: plain, one-way and two-way selects on both sides meet (C25)") {
  for (const Exchange& receiver : kReceivers) {
    for (const Exchange& sender : kSenders) {
      for (const std::size_t capacity : {0, 10}) {
        for (const bool receiver_first : {true, false}) {
          if (capacity != 0 && !receiver_first) continue;
          const Channel<int> c = Channel<int>::make("c", capacity);
          const Channel<int> dummy = Channel<int>::make("dummy");
          const Channel<int> other_dummy = Channel<int>::make("other_dummy");
          support::Threads threads;
          threads.run([&] { (receiver_first ? receiver : sender)(c, dummy); });
          if (receiver_first) {
            support::wait_for_receivers(c, 1);
          } else {
            support::wait_for_senders(c, 1);
          }
          (receiver_first ? sender : receiver)(c, other_dummy);
        }
      }
    }
  }
}

TEST_CASE("Go select8: a handler may be left early, in selects of 0 to 3 cases (C34)") {
  const Channel<bool> c = Channel<bool>::make("c", 1);
  const Channel<bool> quiet = Channel<bool>::make("quiet");
  int left_early = 0;
  const auto leave = [&] {
    ++left_early;
    return;
    left_early = -100;
  };
  select(otherwise(leave));
  CHECK(c.send(true) == Outcome::ok);
  select(on_receive(c, [&](std::optional<bool>) { leave(); }));
  CHECK(c.send(true) == Outcome::ok);
  select(on_receive(c, [&](std::optional<bool>) { leave(); }), otherwise([] { FAIL_CHECK("no"); }));
  select(on_receive(quiet, [](std::optional<bool>) { FAIL_CHECK("no"); }),
         on_send(c, true, [&](Outcome) { leave(); }), otherwise([] { FAIL_CHECK("no"); }));
  CHECK(left_early == 4);
  int rounds = 0;
  csp::serve(on_receive(c, [&](std::optional<bool>) {
    ++rounds;
    if (rounds == 1) return csp::stop;  // Go: break out of the loop around the select
    rounds = 100;
    return csp::go_on;
  }));
  CHECK(rounds == 1);
}

TEST_SUITE_END();
