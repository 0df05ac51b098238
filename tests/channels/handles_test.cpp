// SPDX-License-Identifier: Apache-2.0
//
// What handles offer besides sending and receiving: the ways to make a channel, comparison, order
// and hashes, access to a received value as through a pointer, ranges, and select_any.
#include <doctest/doctest.h>

#include <algorithm>
#include <csp/csp.hpp>
#include <iterator>
#include <map>
#include <ranges>
#include <string>
#include <unordered_set>
#include <vector>

#include "support/chi_square.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using csp::Receiver;
using namespace std::chrono_literals;

TEST_CASE("C1: a channel can be made with or without a name and a capacity") {
  CHECK(Channel<int>::make().capacity() == 0);
  CHECK(Channel<int>::make().name().empty());
  CHECK(Channel<int>::make(0).capacity() == 0);  // a number, not a null pointer to a name
  CHECK(Channel<int>::make(0).name().empty());
  CHECK(Channel<int>::make(3).capacity() == 3);
  CHECK(Channel<int>::make("name").name() == "name");
  CHECK(Channel<int>::make("name", 3).capacity() == 3);
  CHECK_THROWS_AS(Channel<int>::make(-1), std::length_error);
}

TEST_CASE("handles: equal handles have equal hashes, and their order is total") {
  std::unordered_set<Channel<int>> channels;
  std::map<Receiver<int>, int> receivers;
  std::vector<Channel<int>> all;
  for (int i = 0; i < 20; ++i) all.push_back(Channel<int>::make());
  for (int twice = 0; twice < 2; ++twice) {
    for (const Channel<int>& c : all) {
      channels.insert(c);
      ++receivers[c];
    }
  }
  CHECK(channels.size() == 20);
  CHECK(receivers.size() == 20);
  CHECK(std::ranges::all_of(receivers, [](const auto& r) { return r.second == 2; }));
  CHECK(std::hash<Channel<int>>()(all[0]) == std::hash<Receiver<int>>()(all[0]));
  CHECK(std::hash<Channel<int>>()(all[0]) == std::hash<csp::Sender<int>>()(all[0]));
  CHECK((all[0] < all[1]) == (all[1] > all[0]));
  CHECK((all[0] < all[1]) != (all[1] < all[0]));
}

TEST_CASE("handles: a received value is accessed like a pointer's object") {
  const Channel<std::string> c = Channel<std::string>::make(2);
  CHECK(c.send("one") == Outcome::ok);
  CHECK(c.send("two") == Outcome::ok);
  csp::Received<std::string> one = c.try_receive();
  REQUIRE(one);
  CHECK(one->size() == 3);
  CHECK(*one == "one");
  const std::string two = *c.try_receive();
  CHECK(two == "two");
}

TEST_CASE("handles: close may be called as a statement") {
  Channel<int> c = Channel<int>::make();
  c.close();
  CHECK(c.close() == Outcome::closed);
  csp::Sender<int>(c).close();
}

TEST_CASE("C19: a range takes a value when it is asked for it, not before") {
  const Channel<int> c = Channel<int>::make(10);
  for (int i = 0; i < 10; ++i) CHECK(c.send(i) == Outcome::ok);
  std::vector<int> taken;
  // views::take works like this; clang 14 does not compile the views of its libstdc++.
  for (std::counted_iterator i(c.begin(), 3); i != std::default_sentinel; ++i) taken.push_back(*i);
  CHECK(taken == std::vector<int>{0, 1, 2});
  CHECK(c.size() == 7);
#if !defined(__clang__) || __clang_major__ >= 16
  for (const int n : c | std::views::take(2)) taken.push_back(n);
#else
  for (int n = 0; n < 2; ++n) taken.push_back(*c.receive());
#endif
  CHECK(taken == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(c.size() == 5);
  c.close();
  for (const int n : c) taken.push_back(n);
  CHECK(taken == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("select_any: each ready channel of a list has the same chance") {
  std::vector<Channel<int>> channels;
  for (int i = 0; i < 5; ++i) channels.push_back(i == 2 ? Channel<int>() : Channel<int>::make(1));
  std::vector<std::size_t> counts(4);
  for (const int i : {0, 1, 3, 4}) CHECK(channels[std::size_t(i)].send(int{i}) == Outcome::ok);
  for (int i = 0; i < 20000; ++i) {
    const csp::Selected<int> selected = csp::select_any(channels);
    REQUIRE(selected);
    CHECK(*selected == int(selected.index));
    CHECK(channels[selected.index].send(int(selected.index)) == Outcome::ok);
    ++counts[selected.index - (selected.index > 2)];
  }
  CHECK(support::is_uniform(counts));
}

TEST_CASE("select_any: waits, and ends by a close, a deadline or a stop request") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  const std::vector<Receiver<int>> both{a, b};
  support::Threads threads;
  threads.run([&] {
    const csp::Selected<int> selected = csp::select_any(std::span(both));
    CHECK(selected.index == 1);
    CHECK(*selected == 7);
  });
  support::wait_for_receivers(b, 1);
  CHECK(b.send(7) == Outcome::ok);
  threads.join();
  CHECK(support::nobody_waits(a));
  CHECK(csp::select_any(both, csp::kAtOnce).outcome == Outcome::timeout);
  CHECK(csp::select_any(both, csp::deadline_after(1ms)).outcome == Outcome::timeout);
  std::stop_source stop;
  stop.request_stop();
  CHECK(csp::select_any(both, csp::kNever, stop.get_token()).outcome == Outcome::cancelled);
  a.close();
  const csp::Selected<int> closed = csp::select_any(both);
  CHECK(closed.outcome == Outcome::closed);
  CHECK(closed.index == 0);
  CHECK(!closed.value);
  CHECK(csp::select_any(std::vector<Receiver<int>>(), csp::kAtOnce).outcome == Outcome::timeout);
}

}  // namespace
