// SPDX-License-Identifier: Apache-2.0
//
// Go's test/chan programs about single operations and the shape of a select statement, restated.
// Each case names its program. Goroutines are threads here, so programs with thousands of them are
// smaller. Where a Go program prints or panics, the case has a check. select4 and the table of
// select3 are in go_select_cases_test.cpp, pipelines in go_pipeline_cases_test.cpp, perm in
// direction_test.cpp.
#include <doctest/doctest.h>

#include <array>
#include <csp/csp.hpp>
#include <string>
#include <vector>

#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;
using csp::Receiver;
using csp::select;
using csp::Sender;

struct Empty {};

template <class T>
void check_nonblocking(T value, std::size_t capacity) {
  const Channel<T> c = Channel<T>::make("c", capacity);
  const Channel<void> ready = Channel<void>::make("ready");
  CHECK(c.try_receive().outcome == Outcome::would_block);
  if (capacity == 0) CHECK(c.try_send(T(value)) == Outcome::would_block);
  support::Threads threads;
  threads.run([&] {
    CHECK(c.receive() == value);
    ready.receive();
    CHECK(c.send(T(value)) == Outcome::ok);
  });
  if (capacity == 0) support::wait_for_receivers(c, 1);
  CHECK(c.try_send(T(value)) == Outcome::ok);
  CHECK(ready.send() == Outcome::ok);
  support::wait_until([&] { return c.size() == 1 || support::waiting_senders(c) == 1; });
  CHECK(c.try_receive().value == value);
}

}  // namespace

TEST_SUITE_BEGIN("go_chan_cases");

TEST_CASE("Go doubleselect: a select behind four forwarders never fires two cases (C23, C28)") {
  const int rounds = int(support::scaled(25000));
  std::array<Channel<int>, 4> inputs;
  for (Channel<int>& input : inputs) input = Channel<int>::make("input");
  const Channel<int> merged = Channel<int>::make("merged");
  support::Threads forwarders;
  for (const Channel<int>& input : inputs) {
    forwarders.run([&] {
      for (const int value : input) CHECK(merged.send(int{value}) == Outcome::ok);
    });
  }
  support::Threads sender;
  sender.run([&] {
    for (int i = 0; i < rounds; ++i) {
      select(on_send(inputs[0], int{i}), on_send(inputs[1], int{i}), on_send(inputs[2], int{i}),
             on_send(inputs[3], int{i}));
    }
    for (const Channel<int>& input : inputs) CHECK(input.close() == Outcome::ok);
    forwarders.join();
    CHECK(merged.close() == Outcome::ok);
  });
  std::vector<int> times_seen(std::size_t(rounds), 0);
  for (const int value : merged) ++times_seen[std::size_t(value)];
  int wrong = 0;
  for (const int times : times_seen) wrong += times != 1;
  CHECK(wrong == 0);
}

TEST_CASE("Go fifo: a buffered channel is a queue (C6)") {
  constexpr int kValues = 10;
  const Channel<int> c = Channel<int>::make("c", kValues);
  for (int i = 0; i < kValues; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  for (int i = 0; i < kValues; ++i) CHECK(c.receive() == i);
}

TEST_CASE("Go fifo: a daisy chain of waiters on an unbuffered channel keeps the order (C6, C7)") {
  constexpr int kLinks = 10;
  const Channel<int> c = Channel<int>::make("c");
  Channel<int> in = Channel<int>::make("link");
  const Channel<int> start = in;
  support::Threads threads;
  for (int i = 0; i < kLinks; ++i) {
    const Channel<int> out = Channel<int>::make("link");
    threads.run([&c, in, out, i] {
      CHECK(in.receive() == i);  // its turn
      CHECK(c.receive() == i);
      CHECK(out.send(i + 1) == Outcome::ok);
    });
    in = out;
  }
  CHECK(start.send(0) == Outcome::ok);
  for (int i = 0; i < kLinks; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  CHECK(in.receive() == kLinks);
}

TEST_CASE("Go goroutines: a long relay chain, built and torn down (C11, C45, C53)") {
  constexpr int kLinks = 400;
  const Channel<int> leftmost = Channel<int>::make("link");
  Channel<int> left = leftmost;
  support::Threads threads;
  for (int i = 0; i < kLinks; ++i) {
    const Channel<int> right = Channel<int>::make("link");
    threads.run([left, right] { CHECK(left.send(1 + *right.receive()) == Outcome::ok); });
    left = right;
  }
  CHECK(left.send(0) == Outcome::ok);
  CHECK(leftmost.receive() == kLinks);
}

TEST_CASE("Go nonblock: tries of several element types against a waiting peer (C2, C9)") {
  for (const std::size_t capacity : {0, 1}) {
    CAPTURE(capacity);
    check_nonblocking<int>(123, capacity);
    check_nonblocking<bool>(true, capacity);
    check_nonblocking<std::string>("hello", capacity);
    check_nonblocking<std::array<char, 100>>({'x'}, capacity);
  }
}

TEST_CASE("Go select: send cases are disabled after use, values evaluated each round (C21, C32)") {
  int shift = 0;
  int evaluated = 0;
  const auto next = [&] {
    ++evaluated;
    return 1 << shift++;
  };
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  support::Threads threads;
  threads.run([&] {
    Channel<int> to_a = a;
    Channel<int> to_b = b;
    int rounds = 0;
    while (to_a || to_b) {
      ++rounds;
      select(on_send(to_a, next(), [&](Outcome) { to_a = {}; }),
             on_send(to_b, next(), [&](Outcome) { to_b = {}; }));
    }
    CHECK(rounds == 2);
    CHECK(evaluated == 4);  // the disabled case's value was evaluated too
  });
  const int sum = *a.receive() + *b.receive();
  // One value of the first round (1 or 2) and one of the second (4 or 8).
  CHECK((sum & 3) != 0);
  CHECK((sum & 3) != 3);
  CHECK((sum & 12) != 0);
  CHECK((sum & 12) != 12);
}

TEST_CASE("Go sendstmt: channels of channels, sending through a received channel (C41)") {
  const Channel<Channel<bool>> doors = Channel<Channel<bool>>::make("doors", 1);
  const Channel<bool> door = Channel<bool>::make("door", 1);
  CHECK(doors.send(door) == Outcome::ok);
  CHECK(doors.receive()->send(true) == Outcome::ok);
  CHECK(door.receive() == true);

  const Channel<Sender<int>> one_way = Channel<Sender<int>>::make("one_way", 1);
  const Channel<int> numbers = Channel<int>::make("numbers", 1);
  CHECK(one_way.send(numbers) == Outcome::ok);
  CHECK(one_way.receive()->send(8) == Outcome::ok);
  CHECK(Receiver<int>(numbers).receive() == 8);
}

TEST_CASE("Go zerosize: channels of elements without size, capacity 0 and 1 (C42)") {
  for (const std::size_t capacity : {0, 1}) {
    const Channel<Empty> c = Channel<Empty>::make("c", capacity);
    support::Threads threads;
    threads.run([&] { CHECK(c.send(Empty{}) == Outcome::ok); });
    CHECK(c.receive().has_value());
    CHECK(c.try_receive().outcome == Outcome::would_block);
  }
}

TEST_CASE("Go closedchan: every form of receive on closed channels, empty or not (C13, C15, C33)") {
  for (const std::size_t buffered : {0, 1, 2}) {
    CAPTURE(buffered);
    const Channel<int> c = Channel<int>::make("c", buffered);
    for (std::size_t i = 0; i < buffered; ++i) CHECK(c.send(99) == Outcome::ok);
    CHECK(c.close() == Outcome::ok);
    const Channel<int> never = Channel<int>::make("never");
    for (std::size_t i = 0; i < buffered; ++i) {
      std::optional<int> got;
      if (i == 0) CHECK(select(on_receive(c, got), on_receive(never)) == 0);
      if (i == 1) got = c.try_receive().value;
      CHECK(got == 99);
    }
    for (int i = 0; i < 2; ++i) {
      std::optional<int> got = 1;
      CHECK_FALSE(c.receive());
      CHECK(c.try_receive().outcome == Outcome::closed);
      CHECK(select(on_receive(c, got), on_receive(never)) == 0);
      CHECK_FALSE(got);
      got = 1;
      CHECK(select(on_receive(c, got), csp::otherwise()) == 0);
      CHECK_FALSE(got);
    }
  }
}

TEST_CASE(
    "Go closedchan: sends and closes on closed channels fail, values are discarded (C13, C14)") {
  for (const std::size_t capacity : {0, 1, 10}) {
    const Channel<int> c = Channel<int>::make("c", capacity);
    CHECK(c.close() == Outcome::ok);
    CHECK(c.send(2) == Outcome::closed);
    CHECK(c.try_send(2) == Outcome::closed);
    Outcome told = Outcome::ok;
    select(on_send(c, 2, [&](Outcome outcome) { told = outcome; }), csp::otherwise());
    CHECK(told == Outcome::closed);
    CHECK(c.size() == 0);
    CHECK(c.try_receive().outcome == Outcome::closed);
    CHECK(c.close() == Outcome::closed);
  }
  CHECK_THROWS_AS((void)Channel<int>().close(), csp::Misuse);
}

TEST_SUITE_END();
