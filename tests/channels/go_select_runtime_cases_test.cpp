// SPDX-License-Identifier: Apache-2.0
//
// The select tests of Go's runtime/chan_test.go, restated. Each case names its test.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <optional>
#include <vector>

#include "support/chi_square.hpp"
#include "support/race.hpp"
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

}  // namespace

TEST_SUITE_BEGIN("go_select_runtime_cases");

TEST_CASE("Go TestNonblockSelectRace: one of two channels is ready at every instant (C24)") {
  Channel<int> a;
  Channel<int> b;
  int misses = 0;
  support::race(
      support::scaled(10000),
      [&] {
        a = Channel<int>::make("a", 1);
        b = Channel<int>::make("b", 1);
        CHECK(a.send(1) == Outcome::ok);
      },
      [&] { misses += select(on_receive(a), on_receive(b), otherwise()) == 2; },
      [&] {
        CHECK(b.send(1) == Outcome::ok);
        select(on_receive(a), otherwise());
      },
      [] {});
  CHECK(misses == 0);
}

TEST_CASE("Go TestNonblockSelectRace2: the same, ready by close (C24)") {
  Channel<int> a;
  Channel<int> b;
  int misses = 0;
  support::race(
      support::scaled(10000),
      [&] {
        a = Channel<int>::make("a", 1);
        b = Channel<int>::make("b");
        CHECK(a.send(1) == Outcome::ok);
      },
      [&] { misses += select(on_receive(a), on_receive(b), otherwise()) == 2; },
      [&] {
        CHECK(b.close() == Outcome::ok);
        select(on_receive(a), otherwise());
      },
      [] {});
  CHECK(misses == 0);
}

TEST_CASE("Go TestSelfSelect: send and receive on one channel, two threads, cap 0 and 10 (C26)") {
  for (const std::size_t capacity : {0, 10}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    const int rounds = int(support::scaled(5000));
    std::atomic<int> own_at_rendezvous{0};
    support::Threads threads;
    threads.run_each(2, [&](int me) {
      for (int i = 0; i < rounds; ++i) {
        const auto received = [&](std::optional<int> from) {
          own_at_rendezvous += capacity == 0 && from == me;
        };
        if (me == 0 || i % 2 == 0) {
          select(on_send(c, int{me}), on_receive(c, received));
        } else {
          select(on_receive(c, received), on_send(c, int{me}));
        }
      }
    });
    threads.join();
    CHECK(own_at_rendezvous == 0);
  }
}

TEST_CASE(
    "Go TestSelectStress: plain and select users on four channels, nil when done (C11, C21)") {
  const int each = int(support::scaled(3000));
  std::array<Channel<int>, 4> c;
  c[0] = Channel<int>::make("c0");
  c[1] = Channel<int>::make("c1");
  c[2] = Channel<int>::make("c2", 2);
  c[3] = Channel<int>::make("c3", 3);
  support::Threads threads;
  for (const Channel<int>& mine : c) {
    threads.run([&] {
      for (int i = 0; i < each; ++i) CHECK(mine.send(0) == Outcome::ok);
    });
    threads.run([&] {
      for (int i = 0; i < each; ++i) CHECK(mine.receive().has_value());
    });
  }
  threads.run([&] {  // sends `each` values on every channel, by select
    std::array<Channel<int>, 4> open = c;
    std::array<int, 4> count{};
    const auto send = [&](std::size_t i) {
      return on_send(open[i], 0, [&, i](Outcome) {
        if (++count[i] == each) open[i] = {};
      });
    };
    for (int i = 0; i < 4 * each; ++i) select(send(3), send(2), send(0), send(1));
    CHECK(count == std::array<int, 4>{each, each, each, each});
  });
  threads.run([&] {  // receives as many
    std::array<Channel<int>, 4> open = c;
    std::array<int, 4> count{};
    const auto receive = [&](std::size_t i) {
      return on_receive(open[i], [&, i](std::optional<int>) {
        if (++count[i] == each) open[i] = {};
      });
    };
    for (int i = 0; i < 4 * each; ++i) select(receive(0), receive(1), receive(2), receive(3));
    CHECK(count == std::array<int, 4>{each, each, each, each});
  });
  threads.join();
  for (const Channel<int>& mine : c) CHECK(mine.size() == 0);
}

TEST_CASE("Go TestSelectFairness: two ready channels among idle ones, about equally (C30)") {
  const int trials = int(support::scaled(10000));
  const Channel<int> c1 = Channel<int>::make("c1", std::size_t(trials) + 1);
  const Channel<int> c2 = Channel<int>::make("c2", std::size_t(trials) + 1);
  for (int i = 0; i <= trials; ++i) {
    CHECK(c1.send(1) == Outcome::ok);
    CHECK(c2.send(2) == Outcome::ok);
  }
  const Channel<int> c3 = Channel<int>::make("c3");
  const Channel<int> c4 = Channel<int>::make("c4");
  const Channel<int> out = Channel<int>::make("out");
  const Channel<void> done = Channel<void>::make("done");
  support::Threads threads;
  threads.run([&] {
    while (true) {
      int value = 0;
      const auto keep = [&](std::optional<int> got) { value = *got; };
      select(on_receive(c3, keep), on_receive(c4, keep), on_receive(c1, keep),
             on_receive(c2, keep));
      if (select(on_send(out, int{value}), on_receive(done)) == 1) return;
    }
  });
  std::vector<std::size_t> counts(2);
  for (int i = 0; i < trials; ++i) ++counts[std::size_t(*out.receive()) - 1];
  CHECK(done.close() == Outcome::ok);
  CHECK(support::is_uniform(counts));
}

TEST_CASE("Go TestPseudoRandomSend: a select of two sends yields both values often (C27, C30)") {
  const int values = int(support::scaled(4000));
  for (const std::size_t capacity : {0, 10}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    std::vector<std::size_t> counts(2);
    support::Threads threads;
    threads.run([&] {
      for (int i = 0; i < values; ++i) ++counts[std::size_t(*c.receive())];
    });
    for (int i = 0; i < values; ++i) select(on_send(c, 0), on_send(c, 1));
    threads.join();
    CHECK(support::is_uniform(counts));
  }
}

TEST_CASE(
    "Go TestSelectDuplicateChannel: a waiter behind duplicates can still be woken (C27 to C29)") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> d = Channel<int>::make("d");
  const Channel<int> e = Channel<int>::make("e");
  support::Threads threads;
  threads.run([&] {
    select(on_receive(c), on_receive(c), on_receive(d));
    CHECK(e.send(9) == Outcome::ok);
  });
  support::wait_for_receivers(c, 2);
  threads.run([&] { CHECK(c.receive() == 8); });
  support::wait_for_receivers(c, 3);
  CHECK(d.send(7) == Outcome::ok);
  CHECK(e.receive() == 9);
  CHECK(c.send(8) == Outcome::ok);  // reaches the second waiter, not the select's cases
}

TEST_CASE(
    "Go TestSelectStackAdjust: close wakes selects with duplicates and nil cases (C16, C23)") {
  constexpr int kThreads = 16;
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> d = Channel<int>::make("d");
  const Channel<int> nil;
  support::Threads threads;
  threads.run_each(kThreads, [&](int me) {
    std::optional<int> from_c = 42;
    std::optional<int> from_d = 42;
    std::optional<int> from_nil = 42;
    std::size_t happened = 9;
    if (me % 2 == 0) {
      happened = select(on_receive(nil, from_nil), on_receive(c, from_c), on_receive(d, from_d),
                        on_receive(c, from_c), on_receive(d, from_d));
    } else {
      happened = select(on_receive(d, from_d), on_receive(c, from_c), on_receive(nil, from_nil));
    }
    const bool by_c = me % 2 == 0 ? happened == 1 || happened == 3 : happened == 1;
    CHECK(by_c);
    CHECK(from_c == std::nullopt);
    CHECK(from_d == 42);
    CHECK(from_nil == 42);
  });
  support::wait_for_receivers(c, kThreads / 2 * 3);
  CHECK(c.close() == Outcome::ok);
  threads.join();
  CHECK(support::nobody_waits(d));
}

TEST_CASE("Go BenchmarkChanPopular: many two-way selects share one quiet channel (C28, C54)") {
  constexpr int kPairs = 50;
  const int rounds = int(support::scaled(200));
  const Channel<int> popular = Channel<int>::make("popular");
  std::vector<Channel<int>> own;
  for (int i = 0; i < kPairs; ++i) own.push_back(Channel<int>::make("own"));
  support::Threads threads;
  threads.run_each(kPairs, [&](int me) {
    for (int i = 0; i < rounds; ++i) select(on_receive(popular), on_receive(own[std::size_t(me)]));
  });
  for (int i = 0; i < rounds; ++i) {
    for (const Channel<int>& c : own) CHECK(c.send(1) == Outcome::ok);
  }
  threads.join();
  CHECK(support::nobody_waits(popular));
}

TEST_SUITE_END();
