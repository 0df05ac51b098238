// SPDX-License-Identifier: Apache-2.0
//
// Closing: C13 to C19. A close can race every other operation. So besides plain cases there are
// loops that close at a random moment of a running exchange and then account for every value: a
// value whose send was "ok" must have been received, and one whose send was "closed" must still be
// its sender's.
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>
#include <memory>
#include <numeric>
#include <vector>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;
using Box = std::unique_ptr<int>;

}  // namespace

TEST_SUITE_BEGIN("close");

TEST_CASE("C13: every form of send on a closed channel says closed and keeps the value") {
  for (const std::size_t capacity : {0, 1}) {
    const Channel<Box> c = Channel<Box>::make("c", capacity);
    CHECK(c.close() == Outcome::ok);
    Box box = std::make_unique<int>(7);
    std::stop_source stop;
    CHECK(c.send(std::move(box)) == Outcome::closed);
    CHECK(c.try_send(std::move(box)) == Outcome::closed);
    CHECK(c.send_for(std::move(box), 1h) == Outcome::closed);
    CHECK(c.send_for(std::move(box), 0s) == Outcome::closed);
    CHECK(c.send_until(std::move(box), csp::Clock::now() + 1h) == Outcome::closed);
    CHECK(c.send(std::move(box), stop.get_token()) == Outcome::closed);
    Outcome told = Outcome::ok;
    csp::select(csp::on_send(c, std::move(box), [&](Outcome outcome) { told = outcome; }));
    CHECK(told == Outcome::closed);
    REQUIRE(box);
    CHECK(*box == 7);
  }
}

TEST_CASE("C14: of concurrent closes exactly one succeeds") {
  for (std::size_t round = 0; round < support::scaled(500); ++round) {
    const Channel<int> c = Channel<int>::make("c", 1);
    std::atomic<int> ok{0};
    std::atomic<int> closed{0};
    support::Threads threads;
    threads.run_each(4, [&](int) { ++(c.close() == Outcome::ok ? ok : closed); });
    threads.join();
    CHECK(ok == 1);
    CHECK(closed == 3);
  }
}

TEST_CASE("C14: a second close changes nothing") {
  const Channel<int> c = Channel<int>::make("c", 2);
  CHECK(c.send(1) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  CHECK(c.close() == Outcome::closed);
  CHECK(csp::Sender<int>(c).close() == Outcome::closed);
  CHECK(c.receive() == 1);
  CHECK_FALSE(c.receive());
}

TEST_CASE("C14: closing a nil channel is an error, not a crash") {
  const Channel<int> nil;
  CHECK_THROWS_AS((void)nil.close(), csp::Misuse);
  CHECK_THROWS_AS((void)csp::Sender<int>(nil).close(), csp::Misuse);
}

TEST_CASE("C15: accepted values are drained in order, then every later receive says closed") {
  const Channel<int> c = Channel<int>::make("c", 5);
  for (int i = 0; i < 5; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  CHECK(c.receive() == 0);
  CHECK(c.try_receive().value == 1);
  CHECK(c.receive_for(0s).value == 2);
  std::optional<int> got;
  csp::select(csp::on_receive(c, got));
  CHECK(got == 3);
  CHECK(c.receive_for(1h).value == 4);
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(c.receive());
    CHECK(c.try_receive().outcome == Outcome::closed);
    CHECK(c.receive_for(1h).outcome == Outcome::closed);
    CHECK(c.receive_for(0s).outcome == Outcome::closed);
    CHECK(c.receive(std::stop_source().get_token()).outcome == Outcome::closed);
  }
}

TEST_CASE("C15: a sender parked behind a full buffer is not drained and gets its value back") {
  const Channel<Box> c = Channel<Box>::make("c", 1);
  CHECK(c.send(std::make_unique<int>(1)) == Outcome::ok);
  support::Threads threads;
  threads.run([&] {
    Box mine = std::make_unique<int>(2);
    CHECK(c.send(std::move(mine)) == Outcome::closed);
    CHECK(mine);
  });
  support::wait_for_senders(c, 1);
  CHECK(c.close() == Outcome::ok);
  CHECK(**c.receive() == 1);
  CHECK_FALSE(c.receive());
}

TEST_CASE("C16: close wakes every blocked receiver, plain, timed, cancellable and select") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> quiet = Channel<int>::make("quiet");
  std::stop_source stop;
  support::Threads threads;
  threads.run_each(2, [&](int) {
    CHECK_FALSE(c.receive());
    CHECK(c.receive_for(1h).outcome == Outcome::closed);
  });
  threads.run([&] { CHECK(c.receive_for(1h).outcome == Outcome::closed); });
  threads.run([&] { CHECK(c.receive(stop.get_token()).outcome == Outcome::closed); });
  threads.run([&] {
    CHECK(csp::select(csp::on_receive(quiet),
                      csp::on_receive(c, [](std::optional<int> got) { CHECK_FALSE(got); })) == 1);
  });
  support::wait_for_receivers(c, 5);
  CHECK(c.close() == Outcome::ok);
  threads.join();
  CHECK(support::nobody_waits(c));
  CHECK(support::nobody_waits(quiet));
}

TEST_CASE("C16: close wakes every blocked sender, and each has its value back") {
  for (const std::size_t capacity : {0, 1}) {
    const Channel<Box> c = Channel<Box>::make("c", capacity);
    for (std::size_t i = 0; i < capacity; ++i) {
      CHECK(c.send(std::make_unique<int>(0)) == Outcome::ok);
    }
    const Channel<Box> quiet = Channel<Box>::make("quiet");
    std::stop_source stop;
    support::Threads threads;
    const auto each = [&](int form) {
      Box mine = std::make_unique<int>(form);
      Outcome outcome = Outcome::ok;
      if (form == 0) outcome = c.send(std::move(mine));
      if (form == 1) outcome = c.send_for(std::move(mine), 1h);
      if (form == 2) outcome = c.send(std::move(mine), stop.get_token());
      if (form == 3) {
        csp::select(csp::on_send(c, std::move(mine), [&](Outcome o) { outcome = o; }),
                    csp::on_receive(quiet));
      }
      CHECK(outcome == Outcome::closed);
      CHECK((mine && *mine == form));
    };
    threads.run_each(4, each);
    support::wait_for_senders(c, 4);
    CHECK(c.close() == Outcome::ok);
    threads.join();
    CHECK(support::nobody_waits(quiet));
  }
}

TEST_CASE("C17: a send that races close is drained or has its value back, never both or neither") {
  std::mt19937_64 random = support::generator();
  for (const std::size_t capacity : {0, 1, 4}) {
    CAPTURE(capacity);
    for (std::size_t round = 0; round < support::scaled(500); ++round) {
      const Channel<Box> c = Channel<Box>::make("c", capacity);
      std::atomic<int> accepted{0};
      std::atomic<int> broken{0};
      int received = 0;
      support::Threads threads;
      threads.run_each(2, [&](int) {
        for (;;) {
          Box mine = std::make_unique<int>(1);
          const Outcome outcome = c.send(std::move(mine));
          broken += (outcome == Outcome::ok) == bool(mine);
          if (outcome != Outcome::ok) return;
          ++accepted;
        }
      });
      threads.run([&] {
        for (const Box& box : c) received += *box;
      });
      support::linger(random, 20000);
      CHECK(c.close() == Outcome::ok);
      threads.join();
      CHECK(received == accepted);
      CHECK(broken == 0);
    }
  }
}

TEST_CASE("C18: a value accepted before close is never hidden by it") {
  Channel<int> c;
  support::race(
      support::scaled(10000),
      [&] {
        c = Channel<int>::make("c", 1);
        CHECK(c.send(1) == Outcome::ok);
      },
      [&] {
        CHECK(c.try_receive().value == 1);
        // The channel is now empty, so no other outcome is possible.
        const Outcome after = c.try_receive().outcome;
        CHECK((after == Outcome::would_block || after == Outcome::closed));
      },
      [&] { CHECK(c.close() == Outcome::ok); }, [] {});
}

TEST_CASE("C19: dropping the last sender does not close") {
  csp::Receiver<int> receiver;
  {
    const Channel<int> c = Channel<int>::make("c", 1);
    receiver = c;
    const csp::Sender<int> sender = c;
    CHECK(sender.send(1) == Outcome::ok);
  }
  CHECK(receiver.receive() == 1);
  CHECK(receiver.try_receive().outcome == Outcome::would_block);
  CHECK(receiver.receive_for(1ms).outcome == Outcome::timeout);
}

TEST_CASE("C19: a range loop takes exactly the drained values and makes no further turn") {
  const Channel<int> c = Channel<int>::make("c", 3);
  for (int i = 1; i <= 3; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  std::vector<int> got;
  for (const int value : c) got.push_back(value);
  CHECK(got == std::vector<int>{1, 2, 3});
  for (const int value : csp::Receiver<int>(c)) got.push_back(value);
  CHECK(got.size() == 3);
}

TEST_CASE("C19: a range loop that is waiting when the channel is closed makes no further turn") {
  const Channel<int> c = Channel<int>::make("c");
  int turns = 0;
  support::Threads threads;
  threads.run([&] {
    for (const int value : c) turns += value;
  });
  CHECK(c.send(1) == Outcome::ok);
  CHECK(c.send(1) == Outcome::ok);
  support::wait_for_receivers(c, 1);
  CHECK(c.close() == Outcome::ok);
  threads.join();
  CHECK(turns == 2);
}

TEST_SUITE_END();
