// SPDX-License-Identifier: Apache-2.0
//
// S16: concurrent selects over the same channels in opposite and rotated orders. Each select locks
// all its channels at one moment. If it locked them in the order of its cases, the threads would
// deadlock within a few rounds, and the watchdog would print what waits for what.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <random>
#include <vector>

#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;

constexpr std::size_t kMost = 8;

/// Sends to or receives from any of the channels, in the given order; nil channels fill unused
/// cases.
std::size_t select_over(const std::vector<Channel<int>>& channels,
                        std::array<std::size_t, kMost> order, unsigned sends,
                        std::stop_token stop) {
  const auto channel = [&](std::size_t place) {
    return order[place] < channels.size() ? channels[order[place]] : Channel<int>();
  };
  const auto one_way = [&](std::size_t place) {
    return csp::when(!(sends >> order[place] & 1), on_receive(channel(place)));
  };
  const auto other_way = [&](std::size_t place) {
    return csp::when(sends >> order[place] & 1, on_send(channel(place), 1));
  };
  return csp::select(one_way(0), other_way(0), one_way(1), other_way(1), one_way(2), other_way(2),
                     one_way(3), other_way(3), one_way(4), other_way(4), one_way(5), other_way(5),
                     one_way(6), other_way(6), one_way(7), other_way(7), csp::on_stop(stop));
}

/// Runs this many threads until all have done their rounds; returns the numbers of sends and
/// receives.
std::array<std::size_t, 2> run(int threads, std::size_t channel_count, std::size_t capacity) {
  std::vector<Channel<int>> channels;
  for (std::size_t i = 0; i < channel_count; ++i) {
    channels.push_back(Channel<int>::make("clique", capacity));
  }
  const std::size_t rounds = support::scaled(1000);
  std::array<std::atomic<std::size_t>, 2> done{};
  std::atomic<int> busy{threads};
  std::stop_source all_done;
  {
    support::Threads group;
    group.run_each(threads, [&](int me) {
      std::mt19937_64 random = support::generator(std::uint64_t(me));
      std::array<std::size_t, kMost> order;
      for (std::size_t i = 0; i < kMost; ++i) order[i] = i;
      // The first two threads use ascending and descending order; the others shuffle.
      if (me == 1) std::reverse(order.begin(), order.end());
      for (std::size_t round = 0; round < rounds || !all_done.stop_requested(); ++round) {
        if (me > 1) std::shuffle(order.begin(), order.end(), random);
        const auto sends = me < 2 ? unsigned(me) * 0xff : unsigned(random());
        const std::size_t happened = select_over(channels, order, sends, all_done.get_token());
        if (happened < 2 * kMost) ++done[happened % 2];
        if (round + 1 == rounds && --busy == 0) all_done.request_stop();
      }
    });
  }
  for (const Channel<int>& channel : channels) {
    CHECK(support::nobody_waits(channel));
    CHECK(support::holds_invariants(channel));
    done[0] += channel.size();
  }
  return {done[0], done[1]};
}

}  // namespace

TEST_SUITE_BEGIN("opposite orders");

TEST_CASE("S16: selects over 2 to 8 channels in opposite orders never deadlock (C25)") {
  for (const std::size_t capacity : {0, 1}) {
    for (const int threads : {2, 3, 8}) {
      for (const std::size_t channels : {2, 5, 8}) {
        CAPTURE(capacity);
        CAPTURE(threads);
        CAPTURE(channels);
        const auto [received, sent] = run(threads, channels, capacity);
        CHECK(received == sent);
        CHECK(sent > 0);
      }
    }
  }
}

TEST_SUITE_END();
