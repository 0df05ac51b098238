// SPDX-License-Identifier: Apache-2.0
//
// crossbeam-channel's tests of single channels (array, zero, list, iter, mpsc, thread_locals),
// restated. Each case names its origin. Its tests with timeouts are in
// crossbeam_timeout_cases_test.cpp, of select in crossbeam_select_cases_test.cpp, of fairness and
// timers in crossbeam_choice_cases_test.cpp.
//
// Where crossbeam disconnects when the last sender is dropped, these tests call close(), which is
// explicit (C19). crossbeam's ready(), a hint after which the operation must check again, does not
// exist here: select performs the operation.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <memory>
#include <stdexcept>
#include <vector>

#include "support/child.hpp"
#include "support/counted.hpp"
#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using support::Counted;
using support::Tally;
using namespace std::chrono_literals;

int select_while_exiting() {
  struct Last {
    ~Last() {
      const Channel<int> quiet = Channel<int>::make("quiet");
      if (csp::select(csp::on_receive(quiet), csp::after(1ms)) != 1) std::_Exit(3);
    }
  };
  csp::Process process("p", [] {
    thread_local const Last last;
    (void)last;
    const Channel<int> c = Channel<int>::make("c", 1);
    if (csp::select(csp::on_send(c, 1), csp::on_receive(c)) != 0) std::_Exit(4);
  });
  process.join();
  return 0;
}
const support::ChildProgram kExiting("select_while_exiting", select_while_exiting);

}  // namespace

TEST_SUITE_BEGIN("crossbeam_cases");

TEST_CASE("crossbeam smoke, capacity, len_empty_full (C1, C3, C12)") {
  for (std::size_t capacity = 0; capacity < 10; ++capacity) {
    const Channel<int> c = Channel<int>::make("c", capacity);
    CHECK(c.capacity() == capacity);
    CHECK(c.size() == 0);
    for (std::size_t i = 0; i < capacity; ++i) {
      CHECK(c.send(7) == Outcome::ok);
      CHECK(c.size() == i + 1);
    }
    CHECK(c.try_send(8) == Outcome::would_block);
    if (capacity > 0) {
      CHECK(c.receive() == 7);
      CHECK(c.size() == capacity - 1);
    }
  }
}

TEST_CASE("crossbeam try_recv, try_send: empty, then a value, then closed (C3, C13)") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.try_receive().outcome == Outcome::would_block);
  CHECK(c.try_send(7) == Outcome::ok);
  CHECK(c.try_send(8) == Outcome::would_block);
  CHECK(c.try_receive().value == 7);
  CHECK(c.close() == Outcome::ok);
  CHECK(c.try_receive().outcome == Outcome::closed);
  CHECK(c.try_send(9) == Outcome::closed);
}

TEST_CASE("crossbeam send_after_disconnect, recv_after_disconnect (C13, C15)") {
  const Channel<int> c = Channel<int>::make("c", 100);
  for (int i = 1; i <= 3; ++i) CHECK(c.send(int{i}) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  CHECK(c.send(4) == Outcome::closed);
  CHECK(c.try_send(5) == Outcome::closed);
  CHECK(c.send_for(6, 1h) == Outcome::closed);
  for (int i = 1; i <= 3; ++i) CHECK(c.receive() == i);
  CHECK_FALSE(c.receive());
}

TEST_CASE("crossbeam disconnect_wakes_sender, disconnect_wakes_receiver (C16)") {
  for (const std::size_t capacity : {0, 1}) {
    const Channel<int> senders = Channel<int>::make("senders", capacity);
    const Channel<int> receivers = Channel<int>::make("receivers", capacity);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(senders.send(0) == Outcome::ok);
    support::Threads threads;
    threads.run([&] { CHECK(senders.send(1) == Outcome::closed); });
    threads.run([&] { CHECK_FALSE(receivers.receive()); });
    support::wait_for_senders(senders, 1);
    support::wait_for_receivers(receivers, 1);
    CHECK(senders.close() == Outcome::ok);
    CHECK(receivers.close() == Outcome::ok);
  }
}

TEST_CASE("crossbeam len: within bounds while two threads run (C4, C12)") {
  constexpr std::size_t kCapacity = 100;
  const int values = int(support::scaled(10000));
  const Channel<int> c = Channel<int>::make("c", kCapacity);
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < values; ++i) {
      CHECK(c.receive() == i);
      CHECK(c.size() <= kCapacity);
    }
  });
  for (int i = 0; i < values; ++i) {
    CHECK(c.send(int{i}) == Outcome::ok);
    CHECK(c.size() <= kCapacity);
  }
  threads.join();
  CHECK(c.size() == 0);
}

TEST_CASE("crossbeam spsc, mpmc: every value exactly as often as it was sent (C8, C11)") {
  for (const std::size_t capacity : {0, 3}) {
    for (const int pairs : {1, 4}) {
      CAPTURE(capacity);
      CAPTURE(pairs);
      const int values = int(support::scaled(3000));
      const Channel<int> c = Channel<int>::make("c", capacity);
      std::vector<std::atomic<int>> times(static_cast<std::size_t>(values));
      {
        support::Threads threads;
        threads.run_each(pairs, [&](int) {
          for (int i = 0; i < values; ++i) ++times[std::size_t(*c.receive())];
        });
        threads.run_each(pairs, [&](int) {
          for (int i = 0; i < values; ++i) CHECK(c.send(int{i}) == Outcome::ok);
        });
      }
      int wrong = 0;
      for (const std::atomic<int>& count : times) wrong += count != pairs;
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("crossbeam stress_oneshot: many channels for one value each (C11, C45)") {
  for (std::size_t i = 0; i < support::scaled(2000); ++i) {
    Channel<int> c = Channel<int>::make("c", i % 2);
    csp::Process receiver("receiver", [mine = c] { CHECK(mine.receive() == 0); });
    CHECK(c.send(0) == Outcome::ok);
    c = {};
  }
}

TEST_CASE("crossbeam stress_iter: two loops that feed each other by tries (C8, C11)") {
  const int rounds = int(support::scaled(1000));
  const Channel<void> requests = Channel<void>::make("requests", 100);
  const Channel<int> answers = Channel<int>::make("answers", 100);
  support::Threads threads;
  threads.run([&] {
    for (csp::Token token : requests) {
      (void)token;
      CHECK(answers.send(1) == Outcome::ok);
    }
  });
  int received = 0;
  int requested = 0;
  while (received < rounds) {
    if (requested < rounds && requests.try_send() == Outcome::ok) ++requested;
    while (const csp::Received<int> got = answers.try_receive()) received += *got.value;
    std::this_thread::yield();
  }
  CHECK(requests.close() == Outcome::ok);
}

TEST_CASE("crossbeam linearizable: a try receive after a thread's own send succeeds (C9)") {
  constexpr int kThreads = 4;
  const Channel<int> c = Channel<int>::make("c", kThreads);
  std::atomic<int> misses{0};
  support::Threads threads;
  threads.run_each(kThreads, [&](int) {
    for (std::size_t i = 0; i < support::scaled(10000); ++i) {
      CHECK(c.send(0) == Outcome::ok);
      misses += !c.try_receive();
    }
  });
  threads.join();
  CHECK(misses == 0);
}

TEST_CASE("crossbeam drops, drop_unreceived: destructors counted, with random leftovers (C43)") {
  std::mt19937_64 random = support::generator();
  for (std::size_t run = 0; run < support::scaled(50); ++run) {
    const int steps = int(random() % 1000);
    const int additional = int(random() % 50);
    Tally tally;
    {
      const Channel<Counted> c = Channel<Counted>::make("c", 50);
      support::Threads threads;
      threads.run([&] {
        for (int i = 0; i < steps; ++i) c.receive();
      });
      for (int i = 0; i < steps; ++i) CHECK(c.send(Counted(tally, i)) == Outcome::ok);
      threads.join();
      CHECK(tally.destroyed().size() == std::size_t(steps));
      for (int i = 0; i < additional; ++i) CHECK(c.send(Counted(tally, i)) == Outcome::ok);
      CHECK(tally.live == additional);
    }
    CHECK(tally.live == 0);
    CHECK(tally.destroyed().size() == std::size_t(steps + additional));
  }
}

TEST_CASE("crossbeam channel_through_channel: each message carries the next channel (C41, C45)") {
  struct Link {
    Channel<Link> next;
  };
  const int length = int(support::scaled(1000));
  for (const std::size_t capacity : {0, 1}) {
    Channel<Link> first = Channel<Link>::make("link", capacity);
    support::Threads threads;
    threads.run([first, capacity, length] {
      Channel<Link> c = first;
      for (int i = 0; i < length; ++i) {
        const Channel<Link> next = Channel<Link>::make("link", capacity);
        CHECK(c.send(Link{next}) == Outcome::ok);
        c = next;
      }
    });
    for (int i = 0; i < length; ++i) first = first.receive()->next;
  }
}

TEST_CASE("crossbeam thread_locals use_while_exiting: select in a thread_local destructor (C48)") {
  CHECK(support::run_child("select_while_exiting").end == "exit 0");
}

TEST_SUITE_END();
