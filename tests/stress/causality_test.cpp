// SPDX-License-Identifier: Apache-2.0
//
// S2: a value whose send returned before another send began is received before that send's value,
// whichever threads sent them and in whatever form. The threads send in turns. Each hands the turn
// to another by an atomic that the channel does not know.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <random>
#include <thread>

#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

constexpr unsigned kSenders = 4;

/// Each sender has its own way to send, since no path through the core may overtake another.
Outcome send(const Channel<std::size_t>& c, std::size_t value, unsigned sender) {
  Outcome outcome = Outcome::would_block;
  switch (sender) {
    case 0:
      return c.send(std::size_t{value});
    case 1:
      csp::select(csp::on_receive(Channel<int>()),
                  csp::on_send(c, std::size_t{value}, [&](Outcome sent) { outcome = sent; }));
      return outcome;
    case 2:
      return c.send_for(std::size_t{value}, 1h);
    default:
      while ((outcome = c.try_send(std::size_t{value})) == Outcome::would_block) {
        std::this_thread::yield();
      }
      return outcome;
  }
}

}  // namespace

TEST_SUITE_BEGIN("causality");

TEST_CASE("S2: what is sent after another send has returned is received after it (C6)") {
  const std::size_t rounds = support::scaled(20'000);
  for (const std::size_t capacity : {0, 1, 3, 64}) {
    CAPTURE(capacity);
    const Channel<std::size_t> c = Channel<std::size_t>::make("turns", capacity);
    // Both belong to the thread whose turn it is.
    std::size_t next = 0;
    std::mt19937_64 random = support::generator(capacity);
    std::array<std::atomic<bool>, kSenders> turns{};
    support::Threads threads;
    threads.run_each(kSenders, [&](int sender) {
      const auto me = unsigned(sender);
      while (true) {
        turns[me].wait(false);
        if (next == rounds) break;
        turns[me] = false;
        CHECK(send(c, next, me) == Outcome::ok);
        const bool last = ++next == rounds;
        const auto other = unsigned(me + 1 + random() % (kSenders - 1)) % kSenders;
        for (unsigned i = 0; i < kSenders; ++i) {
          if (i != other && !last) continue;
          turns[i] = true;
          turns[i].notify_one();
        }
      }
    });
    turns[0] = true;
    turns[0].notify_one();
    std::size_t out_of_order = 0;
    for (std::size_t i = 0; i < rounds; ++i) out_of_order += c.receive() != i;
    CHECK(out_of_order == 0);
  }
}

TEST_SUITE_END();
