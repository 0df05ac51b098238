// SPDX-License-Identifier: Apache-2.0
//
// How much a channel holds, and when an operation on it is ready: C1 to C4, C9, C12. Cases that
// need no second thread use one thread and try forms. A case that needs a parked peer waits until
// the peer is parked.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>

#include "support/allocations.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

constexpr std::size_t kCapacities[] = {0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 1000};

struct Block {
  std::array<std::byte, 65536> bytes;
};

// What a make() of this capacity throws: 'l' for length_error, 'b' for bad_alloc, or 0 for nothing.
template <class T>
char make_throws(std::size_t capacity) {
  try {
    const Channel<T> channel = Channel<T>::make("oversized", capacity);
    return 0;
  } catch (const std::length_error&) {
    return 'l';
  } catch (const std::bad_alloc&) {
    return 'b';
  }
}

}  // namespace

TEST_SUITE_BEGIN("capacity");

TEST_CASE("C1: a channel holds exactly its capacity, at every position of its ring") {
  for (const std::size_t capacity : kCapacities) {
    CAPTURE(capacity);
    const Channel<std::size_t> c = Channel<std::size_t>::make("c", capacity);
    CHECK(c.capacity() == capacity);
    for (std::size_t turn = 0; turn < 3; ++turn) {
      std::size_t held = 0;
      while (c.try_send(std::size_t{held}) == Outcome::ok) ++held;
      CHECK(held == capacity);
      CHECK(c.size() == capacity);
      for (std::size_t i = 0; i < held; ++i) CHECK(c.try_receive().value == i);
      CHECK(c.try_receive().outcome == Outcome::would_block);
      if (capacity == 0) continue;
      CHECK(c.try_send(0) == Outcome::ok);  // moves the ring on by one
      CHECK(c.receive() == 0);
    }
  }
}

TEST_CASE("C1: an oversized capacity throws and its size never wraps") {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  const support::Allocations before = support::allocations_here();
  CHECK(make_throws<std::uint64_t>(kMost) == 'l');
  CHECK(make_throws<std::uint64_t>(kMost / 8) == 'l');
  CHECK(make_throws<std::uint64_t>(kMost / 8 + 1) == 'l');  // times 8 wraps to 0
  CHECK(make_throws<std::uint64_t>(kMost / 8 + 2) == 'l');  // times 8 wraps to 8
  CHECK(make_throws<Block>(kMost / 65536 + 2) == 'l');
  CHECK(make_throws<char>(kMost) == 'l');
  CHECK(make_throws<char>(kMost - 100) == 'l');
  CHECK(make_throws<char>(kMost / 2) != 0);
  CHECK(make_throws<std::uint64_t>(kMost / 32) != 0);
  const support::Allocations during = support::allocations_here() - before;
  CHECK(during.made == during.freed + 0);
}

TEST_CASE("C2: on an unbuffered channel a send alone never completes") {
  const Channel<int> c = Channel<int>::make("c");
  int value = 7;
  CHECK(c.try_send(std::move(value)) == Outcome::would_block);
  CHECK(c.send_for(std::move(value), 2ms) == Outcome::timeout);
  CHECK(c.size() == 0);
  CHECK(c.try_receive().outcome == Outcome::would_block);
}

TEST_CASE("C2: on an unbuffered channel a send completes together with its receive") {
  const Channel<int> c = Channel<int>::make("c");
  std::atomic<bool> sent{false};
  support::Threads threads;
  threads.run([&] {
    CHECK(c.send(7) == Outcome::ok);
    sent = true;
  });
  support::wait_for_senders(c, 1);
  CHECK_FALSE(sent);
  CHECK(c.size() == 0);
  CHECK(c.receive() == 7);
  threads.join();
  CHECK(sent);
}

TEST_CASE("C2: try_send on an unbuffered channel is ok only if a receiver waits") {
  const Channel<int> c = Channel<int>::make("c");
  support::Threads threads;
  threads.run([&] { CHECK(c.receive() == 1); });
  support::wait_for_receivers(c, 1);
  CHECK(c.try_send(1) == Outcome::ok);
  CHECK(c.try_send(2) == Outcome::would_block);  // although the first receiver may still be waking
}

TEST_CASE("C3: a send is ready if there is room, a waiting receiver, or the channel is closed") {
  for (const std::size_t capacity : {0, 1, 3}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.try_send(1) == Outcome::ok);
    CHECK(c.try_send(1) == Outcome::would_block);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.try_receive().value == 1);
    support::Threads threads;
    threads.run([&] { CHECK(c.receive() == 5); });
    support::wait_for_receivers(c, 1);
    CHECK(c.try_send(5) == Outcome::ok);
    CHECK(c.close() == Outcome::ok);
    CHECK(c.try_send(6) == Outcome::closed);
  }
}

TEST_CASE(
    "C3: a receive is ready if there is a value, a waiting sender, or the channel is closed") {
  for (const std::size_t capacity : {0, 1, 3}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    CHECK(c.try_receive().outcome == Outcome::would_block);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.try_send(int(i)) == Outcome::ok);
    support::Threads threads;
    threads.run([&] { CHECK(c.send(int(capacity)) == Outcome::ok); });
    support::wait_for_senders(c, 1);
    for (std::size_t i = 0; i <= capacity; ++i) CHECK(c.try_receive().value == int(i));
    CHECK(c.try_receive().outcome == Outcome::would_block);
    CHECK(c.close() == Outcome::ok);
    CHECK(c.try_receive().outcome == Outcome::closed);
  }
}

TEST_CASE("C3: an operation that is not ready blocks until a peer makes it ready") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.send(1) == Outcome::ok);
  std::atomic<bool> second_sent{false};
  support::Threads threads;
  threads.run([&] {
    CHECK(c.send(2) == Outcome::ok);
    second_sent = true;
  });
  support::wait_for_senders(c, 1);
  CHECK_FALSE(second_sent);
  CHECK(c.receive() == 1);
  threads.join();
  CHECK(c.receive() == 2);
}

TEST_CASE("C4: the invariants hold at every moment of a mixed load, sizes in bounds (C12)") {
  for (const std::size_t capacity : {0, 1, 2, 5}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    const Channel<int> other = Channel<int>::make("other", capacity);
    const int rounds = int(support::scaled(3000));
    std::atomic<int> running{4};
    support::Threads threads;
    threads.run_each(2, [&](int) {
      for (int i = 0; i < rounds; ++i) {
        csp::select(csp::on_send(c, int{i}), csp::on_send(other, int{i}), csp::after(1us));
        (void)c.try_send(int{i});
        (void)c.send_for(int{i}, 1us);
      }
      --running;
    });
    threads.run_each(2, [&](int) {
      for (int i = 0; i < rounds; ++i) {
        csp::select(csp::on_receive(c), csp::on_receive(other), csp::after(1us));
        c.try_receive();
        c.receive_for(1us);
      }
      --running;
    });
    std::size_t broken = 0;
    std::size_t out_of_bounds = 0;
    while (running > 0) {
      broken += !support::holds_invariants(c) + !support::holds_invariants(other);
      out_of_bounds += c.size() > capacity;
    }
    CHECK(broken == 0);
    CHECK(out_of_bounds == 0);
    threads.join();
    CHECK(support::nobody_waits(c));
    CHECK(support::nobody_waits(other));
  }
}

TEST_CASE("C9: threads that each send, then try to receive, never see would_block") {
  constexpr int kThreads = 4;
  for (const std::size_t capacity : {4, 5, 16}) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    std::atomic<int> failures{0};
    support::Threads threads;
    threads.run_each(kThreads, [&](int) {
      for (std::size_t i = 0; i < support::scaled(20000); ++i) {
        if (c.send(1) != Outcome::ok) ++failures;
        if (c.try_receive().outcome != Outcome::ok) ++failures;
      }
    });
    threads.join();
    CHECK(failures == 0);
    CHECK(c.size() == 0);
  }
}

TEST_CASE("C9: try_send never fails while fewer values than the capacity are in use") {
  constexpr int kThreads = 4;
  const Channel<int> c = Channel<int>::make("c", kThreads);
  std::atomic<int> failures{0};
  support::Threads threads;
  threads.run_each(kThreads, [&](int) {
    for (std::size_t i = 0; i < support::scaled(20000); ++i) {
      if (c.try_send(1) != Outcome::ok) ++failures;
      if (!c.receive()) ++failures;
    }
  });
  threads.join();
  CHECK(failures == 0);
}

TEST_CASE("C12: size and capacity of idle channels are exact, those of nil are 0") {
  const Channel<int> c = Channel<int>::make("named", 2);
  CHECK(c.name() == "named");
  CHECK(c.size() == 0);
  CHECK(c.send(1) == Outcome::ok);
  CHECK(c.size() == 1);
  CHECK(c.close() == Outcome::ok);
  CHECK(c.size() == 1);  // closed, not drained
  const Channel<int> nil;
  CHECK(nil.size() == 0);
  CHECK(nil.capacity() == 0);
  CHECK_FALSE(bool(nil));
  CHECK(bool(c));
}

TEST_SUITE_END();
