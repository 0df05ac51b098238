// SPDX-License-Identifier: Apache-2.0
//
// C24: a select chooses at one moment on all its channels. Each case keeps something true at every
// instant ("one of these two is ready") while the channels change. A select that checked its
// channels one after the other would find neither ready and take `otherwise`.
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::otherwise;
using csp::Outcome;
using csp::select;
using namespace std::chrono_literals;

// `a` holds a value; a mover fills `b`, then empties `a`. `look` must find one of them ready.
template <class Look>
int count_misses(std::size_t rounds, Look look) {
  const Channel<int> a = Channel<int>::make("a", 1);
  const Channel<int> b = Channel<int>::make("b", 1);
  int misses = 0;
  support::race(
      rounds, [&] { CHECK(a.send(1) == Outcome::ok); }, [&] { misses += look(a, b) == 2; },
      [&] {
        CHECK(b.send(2) == Outcome::ok);
        a.try_receive();
      },
      [&] {
        a.try_receive();
        b.try_receive();
      });
  return misses;
}

}  // namespace

TEST_SUITE_BEGIN("select_moment");

TEST_CASE("C24: otherwise is not taken while one of the channels is ready at every instant") {
  CHECK(count_misses(support::scaled(20000), [](const Channel<int>& a, const Channel<int>& b) {
          return select(on_receive(b), on_receive(a), otherwise());
        }) == 0);
  CHECK(count_misses(support::scaled(20000), [](const Channel<int>& a, const Channel<int>& b) {
          return select(on_receive(a), on_receive(b), otherwise());
        }) == 0);
}

TEST_CASE("C24: in order, an expired deadline behind the channels is not taken either") {
  CHECK(count_misses(support::scaled(10000), [](const Channel<int>& a, const Channel<int>& b) {
          return csp::select_in_order(on_receive(b), on_receive(a), csp::after(0s));
        }) == 0);
  CHECK(count_misses(support::scaled(10000), [](const Channel<int>& a, const Channel<int>& b) {
          return csp::select_in_order(on_receive(b), on_receive(a),
                                      csp::until(csp::Clock::now() - 1s));
        }) == 0);
}

TEST_CASE("C24: readiness that moves from one channel to another by close is not missed") {
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
      [&] { misses += select(on_receive(b), on_receive(a), otherwise()) == 2; },
      [&] {
        CHECK(b.close() == Outcome::ok);
        a.try_receive();
      },
      [] {});
  CHECK(misses == 0);
}

TEST_CASE("C24: room that moves from one channel to another is not missed") {
  const Channel<int> a = Channel<int>::make("a", 1);
  const Channel<int> b = Channel<int>::make("b", 1);
  int misses = 0;
  support::race(
      support::scaled(10000), [&] { CHECK(b.send(1) == Outcome::ok); },
      [&] { misses += select(on_send(b, 9), on_send(a, 9), otherwise()) == 2; },
      [&] {
        b.try_receive();
        (void)a.try_send(1);
      },
      [&] {
        a.try_receive();
        b.try_receive();
      });
  CHECK(misses == 0);
}

TEST_CASE("C24: a channel of capacity 1 is ready at every instant, to send or to receive") {
  const Channel<int> c = Channel<int>::make("c", 1);
  std::atomic<bool> done{false};
  support::Threads threads;
  threads.run_each(2, [&](int) {
    while (!done) {
      (void)c.try_send(1);
      c.try_receive();
    }
  });
  int misses = 0;
  for (std::size_t i = 0; i < support::scaled(200000); ++i) {
    misses += select(on_receive(c), on_send(c, 2), otherwise()) == 2;
  }
  done = true;
  CHECK(misses == 0);
}

TEST_SUITE_END();
