// SPDX-License-Identifier: Apache-2.0
//
// C38: what a channel operation orders. Each case hands plain, unguarded memory from one thread to
// another by one of the promised edges, and checks the values. Under ThreadSanitizer the same cases
// prove that the edge is real, since a missing edge is reported as a race. race_test.cpp tests the
// opposite, that some operations order nothing (C39): there the sanitizer must report.
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>
#include <vector>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE_BEGIN("memory_order");

TEST_CASE("C38: a send happens before the completion of its receive, in all forms") {
  for (const std::size_t capacity : {0, 1, 3}) {
    CAPTURE(capacity);
    const Channel<int*> c = Channel<int*>::make("c", capacity);
    const Channel<int*> never = Channel<int*>::make("never");
    const int rounds = int(support::scaled(5000));
    std::vector<int> data(std::size_t(rounds), -1);
    support::Threads threads;
    threads.run([&] {
      for (int i = 0; i < rounds; ++i) {
        data[std::size_t(i)] = i;
        int* const pointer = &data[std::size_t(i)];
        if (i % 3 == 0) CHECK(c.send(pointer) == Outcome::ok);
        if (i % 3 == 1) csp::select(csp::on_send(c, pointer), csp::on_receive(never));
        if (i % 3 == 2) CHECK(c.send_for(&data[std::size_t(i)], 1h) == Outcome::ok);
      }
    });
    int wrong = 0;
    for (int i = 0; i < rounds; ++i) {
      std::optional<int*> pointer;
      if (i % 4 == 0) pointer = c.receive();
      if (i % 4 == 1) csp::select(csp::on_receive(never), csp::on_receive(c, pointer));
      if (i % 4 == 2) pointer = c.receive_for(1h).value;
      if (i % 4 == 3) support::wait_until([&] { return bool(pointer = c.try_receive().value); });
      wrong += **pointer != i;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("C38: close happens before any receive that reports closed, try and select included") {
  for (int form = 0; form < 5; ++form) {
    CAPTURE(form);
    Channel<int> c;
    int data = 0;
    int seen = 0;
    int rounds = 0;
    support::race(
        support::scaled(3000), [&] { c = Channel<int>::make("c"), ++rounds; },
        [&] {
          if (form == 0) c.receive();
          if (form == 1) c.receive_for(1h);
          if (form == 2) csp::select(csp::on_receive(c));
          if (form == 3) {
            support::wait_until([&] { return c.try_receive().outcome == Outcome::closed; });
          }
          if (form == 4) {
            support::wait_until(
                [&] { return csp::select(csp::on_receive(c), csp::otherwise()) == 0; });
          }
          seen = data;
        },
        [&] {
          data = rounds;
          CHECK(c.close() == Outcome::ok);
        },
        [&] { CHECK(seen == rounds); });
  }
}

TEST_CASE("C38: on an unbuffered channel the receive happens before the send completes") {
  const Channel<int> c = Channel<int>::make("c");
  const int rounds = int(support::scaled(5000));
  int data = 0;
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) {
      data = i;
      CHECK(c.receive() == i);
      CHECK(c.receive() == -1);
    }
  });
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    CHECK(c.send(int{i}) == Outcome::ok);
    wrong += data != i;
    CHECK(c.send(-1) == Outcome::ok);
  }
  CHECK(wrong == 0);
}

TEST_CASE("C38: a channel of capacity 1 works as a mutex") {
  for (const bool send_locks : {true, false}) {
    const Channel<void> c = Channel<void>::make("c", 1);
    if (!send_locks) CHECK(c.send() == Outcome::ok);
    const int rounds = int(support::scaled(5000));
    int counter = 0;
    support::Threads threads;
    threads.run_each(3, [&](int) {
      for (int i = 0; i < rounds; ++i) {
        if (send_locks) {
          CHECK(c.send() == Outcome::ok);
        } else {
          c.receive();
        }
        ++counter;
        if (send_locks) {
          c.receive();
        } else {
          CHECK(c.send() == Outcome::ok);
        }
      }
    });
    threads.join();
    CHECK(counter == 3 * rounds);
  }
}

TEST_CASE("C38: the k-th receive happens before the (k+C)-th send completes, in a ring of slots") {
  for (const std::size_t capacity : {1, 2, 5}) {
    CAPTURE(capacity);
    const Channel<std::size_t> c = Channel<std::size_t>::make("c", capacity);
    const std::size_t rounds = support::scaled(5000);
    // The receiver writes a slot, then receives. The send that completes C later reads the slot.
    std::vector<std::size_t> slots(rounds);
    support::Threads threads;
    threads.run([&] {
      for (std::size_t k = 0; k < rounds; ++k) {
        slots[k] = k;
        CHECK(c.receive() == k);
      }
    });
    std::size_t wrong = 0;
    for (std::size_t k = 0; k < rounds; ++k) {
      CHECK(c.send(std::size_t{k}) == Outcome::ok);
      if (k >= capacity) wrong += slots[k - capacity] != k - capacity;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("C38: a buffered channel works as a counting semaphore") {
  constexpr std::size_t kPermits = 2;
  const Channel<void> permits = Channel<void>::make("permits", kPermits);
  std::atomic<std::size_t> inside{0};
  std::atomic<std::size_t> most{0};
  support::Threads threads;
  threads.run_each(4, [&](int) {
    for (std::size_t i = 0; i < support::scaled(3000); ++i) {
      CHECK(permits.send() == Outcome::ok);
      const std::size_t now = ++inside;
      std::size_t seen = most;
      while (now > seen && !most.compare_exchange_weak(seen, now)) {
      }
      --inside;
      permits.receive();
    }
  });
  threads.join();
  CHECK(most <= kPermits);
}

TEST_CASE("C38: a value is handed over whole, including its buffer") {
  const Channel<std::vector<int>> c = Channel<std::vector<int>>::make("c", 1);
  const Channel<std::vector<int>> back = Channel<std::vector<int>>::make("back", 1);
  const int rounds = int(support::scaled(3000));
  support::Threads threads;
  threads.run([&] {
    for (std::vector<int>& message : c) {
      message.push_back(int(message.size()));
      CHECK(back.send(std::move(message)) == Outcome::ok);
    }
    CHECK(back.close() == Outcome::ok);
  });
  std::vector<int> message;
  for (int i = 0; i < rounds; ++i) {
    message.push_back(int(message.size()));
    CHECK(c.send(std::move(message)) == Outcome::ok);
    message = *back.receive();
    if (message.size() > 100) message.clear();
  }
  CHECK(c.close() == Outcome::ok);
  for (std::size_t i = 0; i < message.size(); ++i) CHECK(message[i] == int(i));
}

TEST_SUITE_END();
