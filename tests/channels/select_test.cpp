// SPDX-License-Identifier: Apache-2.0
//
// select: exactly one case happens (C23), it meets any peer (C25) but not itself (C26), handles
// duplicates (C27), leaves nothing behind (C28), steals no wake-up (C29) and handles closed
// channels (C33). Where it matters whether a losing case has touched its value, the elements are
// boxes.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <memory>
#include <vector>

#include "support/chi_square.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;
using csp::select;
using namespace std::chrono_literals;
using Box = std::unique_ptr<int>;

}  // namespace

TEST_SUITE_BEGIN("select");

TEST_CASE("C23: losing sends keep their values, losing receives their destinations") {
  const Channel<Box> a = Channel<Box>::make("a", 1);
  const Channel<Box> b = Channel<Box>::make("b", 1);
  const Channel<Box> c = Channel<Box>::make("c", 1);
  CHECK(c.send(std::make_unique<int>(3)) == Outcome::ok);
  for (int round = 0; round < 300; ++round) {
    Box to_a = std::make_unique<int>(1);
    Box to_b = std::make_unique<int>(2);
    std::optional<Box> from_c = std::make_unique<int>(100);
    const std::size_t happened =
        select(on_send(a, std::move(to_a)), on_send(b, std::move(to_b)), on_receive(c, from_c));
    CHECK(bool(to_a) == (happened != 0));
    CHECK(bool(to_b) == (happened != 1));
    REQUIRE(from_c);
    REQUIRE(*from_c);
    CHECK(**from_c == (happened == 2 ? 3 : 100));
    CHECK(a.size() + b.size() == (happened < 2 ? 1 : 0));
    CHECK(c.size() == (happened < 2 ? 1 : 0));
    if (happened == 0) CHECK(**a.receive() == 1);
    if (happened == 1) CHECK(**b.receive() == 2);
    if (happened == 2) CHECK(c.send(std::move(*from_c)) == Outcome::ok);
  }
}

TEST_CASE("C23: a blocked select takes exactly one of the values that arrive at once") {
  for (std::size_t round = 0; round < support::scaled(1000); ++round) {
    const Channel<int> a = Channel<int>::make("a");
    const Channel<int> b = Channel<int>::make("b");
    std::atomic<int> sent{0};
    support::Threads threads;
    for (const Channel<int>* const c : {&a, &b}) {
      threads.run([&, c] {
        support::wait_until([&] { return support::waiting_receivers(*c) > 0 || sent > 0; });
        if (c->try_send(1) == Outcome::ok) ++sent;
      });
    }
    std::optional<int> got_a;
    std::optional<int> got_b;
    select(on_receive(a, got_a), on_receive(b, got_b));
    threads.join();
    CHECK(got_a.has_value() != got_b.has_value());
    CHECK(sent == 1);
  }
}

TEST_CASE("C25: a send-select and a receive-select meet, in opposite orders of their cases") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  const int rounds = int(support::scaled(20000));
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) select(on_send(a, int{i}), on_send(b, int{i}));
  });
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    std::optional<int> got;
    select(on_receive(b, got), on_receive(a, got));
    wrong += got != i;
  }
  CHECK(wrong == 0);
}

TEST_CASE("C25: selects in a ring of channels, each sending and receiving, never deadlock") {
  // Thread i sends to channel i and receives from channel i-1, half of them in the opposite order.
  for (const int size : {2, 3, 5}) {
    CAPTURE(size);
    const int rounds = int(support::scaled(2000));
    std::vector<Channel<int>> ring;
    for (int i = 0; i < size; ++i) ring.push_back(Channel<int>::make("ring"));
    std::atomic<int> sent{0};
    std::atomic<int> received{0};
    std::stop_source done;
    std::atomic<int> busy{size};
    support::Threads threads;
    threads.run_each(size, [&](int me) {
      const Channel<int>& to = ring[std::size_t(me)];
      const Channel<int>& from = ring[std::size_t((me + size - 1) % size)];
      for (int i = 0; i < rounds || !done.stop_requested(); ++i) {
        std::size_t happened = 0;
        if (me % 2 == 0) {
          happened = select(on_send(to, 1), on_receive(from), csp::on_stop(done.get_token()));
        } else {
          happened = select(on_receive(from), on_send(to, 1), csp::on_stop(done.get_token()));
          if (happened < 2) happened = 1 - happened;
        }
        if (happened == 0) ++sent;
        if (happened == 1) ++received;
        if (i + 1 == rounds && --busy == 0) done.request_stop();
      }
    });
    threads.join();
    CHECK(sent == received);
    CHECK(sent > 0);
  }
}

TEST_CASE("C26: send and receive of one unbuffered channel in one select never pair") {
  const Channel<int> c = Channel<int>::make("c");
  CHECK(select(on_send(c, 1), on_receive(c), csp::otherwise()) == 2);
  CHECK(select(on_send(c, 1), on_receive(c), csp::after(2ms)) == 2);
  CHECK(support::nobody_waits(c));
}

TEST_CASE("C26: selects of two threads that each send and receive on one channel meet") {
  const Channel<int> c = Channel<int>::make("c");
  const int rounds = int(support::scaled(10000));
  std::atomic<int> sent{0};
  std::atomic<int> received{0};
  std::atomic<int> own{0};
  support::Threads threads;
  threads.run_each(2, [&](int me) {
    for (int i = 0; i < rounds; ++i) {
      select(on_send(c, int{me}, [&](Outcome) { ++sent; }),
             on_receive(c, [&](std::optional<int> from) {
               ++received;
               own += from == me;
             }));
    }
  });
  threads.join();
  CHECK(sent == rounds);
  CHECK(received == rounds);
  CHECK(own == 0);
}

TEST_CASE("C26: a select that sends and receives on one buffered channel acts as usual") {
  const Channel<int> c = Channel<int>::make("c", 1);
  for (int i = 0; i < 100; ++i) {
    std::optional<int> got;
    CHECK(select(on_receive(c, got), on_send(c, int{i})) == 1);
    CHECK(select(on_receive(c, got), on_send(c, -1)) == 0);
    CHECK(got == i);
  }
}

TEST_CASE("C27: duplicates of a channel are chosen with equal probability") {
  const Channel<int> c = Channel<int>::make("c", 1);
  std::vector<std::size_t> receives(4);
  std::vector<std::size_t> sends(3);
  for (std::size_t i = 0; i < support::scaled(50000); ++i) {
    ++sends[select(on_send(c, 1), on_send(c, 1), on_send(c, 1))];
    ++receives[select(on_receive(c), on_receive(c), on_receive(c), on_receive(c))];
  }
  CHECK(support::is_uniform(sends));
  CHECK(support::is_uniform(receives));
}

TEST_CASE("C27: a parked select with duplicates leaves the queues intact") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> other = Channel<int>::make("other");
  support::Threads threads;
  threads.run(
      [&] { CHECK(select(on_receive(c), on_receive(other), on_receive(c), on_receive(c)) == 1); });
  support::wait_for_receivers(c, 3);
  threads.run([&] { CHECK(c.receive() == 5); });
  support::wait_for_receivers(c, 4);
  CHECK(other.send(1) == Outcome::ok);
  CHECK(c.send(5) == Outcome::ok);  // reaches the waiter behind the duplicates
  threads.join();
  CHECK(support::nobody_waits(c));
}

TEST_CASE("C28: a returned select leaves nothing registered on any channel") {
  const Channel<int> quiet = Channel<int>::make("quiet");
  const Channel<int> busy = Channel<int>::make("busy");
  const int rounds = int(support::scaled(20000));
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) CHECK(busy.send(int{i}) == Outcome::ok);
  });
  for (int i = 0; i < rounds; ++i) {
    select(on_receive(quiet), on_receive(busy), on_send(quiet, 1), on_receive(quiet));
  }
  threads.join();
  CHECK(select(on_receive(quiet), on_send(quiet, 1), csp::after(1us)) == 2);
  CHECK(support::nobody_waits(quiet));
  CHECK(support::nobody_waits(busy));
}

TEST_CASE("C29: a value is never given to a select that another channel has completed") {
  // A select waits on a and b; a plain receiver waits behind it on b. One value arrives on each at
  // the same time. Whichever of the two the select takes, both values must be received.
  for (std::size_t round = 0; round < support::scaled(500); ++round) {
    const Channel<int> a = Channel<int>::make("a");
    const Channel<int> b = Channel<int>::make("b");
    support::Threads threads;
    std::size_t took = 9;
    threads.run([&] { took = select(on_receive(a), on_receive(b)); });
    support::wait_for_receivers(b, 1);
    threads.run([&] { CHECK(b.receive().has_value()); });
    support::wait_for_receivers(b, 2);
    std::atomic<bool> go{false};
    threads.run([&] {
      go.wait(false);
      if (a.send_for(1, 0s) != Outcome::ok) CHECK(b.send(2) == Outcome::ok);
    });
    threads.run([&] {
      go.wait(false);
      CHECK(b.send(3) == Outcome::ok);
    });
    go = true;
    go.notify_all();
    threads.join();
    CHECK(took < 2);
  }
}

TEST_CASE("C33: a receive case on a closed, drained channel fires and reports closed") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.send(4) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  const Channel<int> quiet = Channel<int>::make("quiet");
  std::vector<std::optional<int>> seen;
  for (int i = 0; i < 3; ++i) {
    CHECK(select(on_receive(quiet),
                 on_receive(c, [&](std::optional<int> got) { seen.push_back(got); })) == 1);
  }
  CHECK(seen == std::vector<std::optional<int>>{4, std::nullopt, std::nullopt});
}

TEST_CASE("C33: a send case on a closed channel fires and reports closed; it is not skipped") {
  const Channel<int> closed = Channel<int>::make("closed", 5);
  CHECK(closed.close() == Outcome::ok);
  const Channel<int> quiet = Channel<int>::make("quiet");
  Outcome told = Outcome::ok;
  CHECK(select(on_receive(quiet), on_send(closed, 1, [&](Outcome outcome) { told = outcome; }),
               csp::otherwise()) == 1);
  CHECK(told == Outcome::closed);
  const Channel<int> room = Channel<int>::make("room", 100000);
  std::array<std::size_t, 2> count{};
  for (std::size_t i = 0; i < support::scaled(10000); ++i) {
    ++count[select(on_send(closed, 1), on_send(room, 1))];
  }
  CHECK(double(count[0]) == doctest::Approx(double(count[1])).epsilon(0.25));
}

TEST_SUITE_END();
