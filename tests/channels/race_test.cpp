// SPDX-License-Identifier: Apache-2.0
//
// C39, C56, and Go's race/testdata/chan_test.go: each memory edge that a channel gives, and each
// that it does not give. Programs that need a given edge must pass (here the NoRace cases, and
// memory_order_test.cpp). Child programs that need a missing edge have a race, and ThreadSanitizer
// must report it (Race). If it did not, the given edges could exist by accident, from a lock that
// orders too much. Reporting needs the sanitizer, so those cases exist only in its build.
//
// In a Race program the unordered access is far from the channel operations, so that nothing else
// orders the two threads: they start together and are joined only after both accesses.
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>

#include "support/child.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;

#if TESTS_UNDER_TSAN

// On its own cache line: TSan remembers four accesses for each eight bytes, to any part of them.
alignas(64) int shared = 0;

// Runs both sides at once. Relaxed atomics synchronize them in time without ordering anything. They
// start and end together, since the end of a process is ordered before the start of a later process
// and before a later wake-up.
template <class A, class B>
int side_by_side(A a, B b) {
  std::atomic<int> arrived{0};
  const auto meet = [&](int all) {
    arrived.fetch_add(1, std::memory_order_relaxed);
    while (arrived.load(std::memory_order_relaxed) < all) {
    }
  };
  csp::Process first("first", [&] { meet(2), a(), meet(4); });
  csp::Process second("second", [&] { meet(2), b(), meet(4); });
  first.join();
  second.join();
  return shared == 0;  // read, so that the compiler does not drop the writes
}

alignas(64) std::atomic<int> moment{0};
void reach(int m) { moment.store(m, std::memory_order_relaxed); }
void await(int m) {
  while (moment.load(std::memory_order_relaxed) < m) {
  }
}

// Go RaceChanAsyncRev: on a buffered channel with room a receive does not precede a send.
const support::ChildProgram kBufferedReverse("race_buffered_reverse", [] {
  const Channel<int> c = Channel<int>::make("c", 10);
  (void)c.send(0);
  return side_by_side(
      [&] {
        shared = 1;
        reach(1);
        c.receive();
      },
      [&] {
        await(1);
        shared = 2;
        (void)c.send(1);
      });
});

// Go RaceChanSendSend, RaceChanSendLen: two sends on a buffered channel do not order their senders.
const support::ChildProgram kAfterSend("race_access_after_send", [] {
  const Channel<int> c = Channel<int>::make("c", 2);
  return side_by_side(
      [&] {
        (void)c.send(1);
        shared = 1;
        reach(1);
      },
      [&] {
        await(1);
        c.receive();
        shared = 2;
      });
});

// Two values in the buffer: the receive of the first does not follow the send of the second.
const support::ChildProgram kOtherValue("race_other_value", [] {
  const Channel<int> c = Channel<int>::make("c", 2);
  (void)c.send(0);
  return side_by_side(
      [&] {
        (void)c.send(1);
        shared = 1;
        (void)c.try_send(2);
        reach(1);
      },
      [&] {
        await(1);
        shared = 2;
        c.receive();
      });
});

// C39: a failed try orders nothing, and neither does size().
const support::ChildProgram kSizeOnly("race_before_size", [] {
  const Channel<int> c = Channel<int>::make("c", 2);
  return side_by_side(
      [&] {
        shared = 1;
        reach(1);
        (void)c.size();
      },
      [&] {
        await(1);
        shared = 2;
        (void)c.size();
      });
});

// A received value is the receiver's own. Writing the sender's object after the send is no race;
// writing what a pointer points to while the receiver reads it is one.
const support::ChildProgram kPointee("race_pointee", [] {
  const Channel<int*> c = Channel<int*>::make("c");
  return side_by_side(
      [&] {
        (void)c.send(&shared);
        shared = 1;
        reach(1);
      },
      [&] {
        int* const pointer = *c.receive();
        await(1);
        *pointer = 2;
      });
});

// Close orders receivers that see it, not those that found a value before it.
const support::ChildProgram kBeforeClose("race_value_before_close", [] {
  const Channel<int> c = Channel<int>::make("c", 1);
  (void)c.send(1);
  return side_by_side(
      [&] {
        shared = 1;
        reach(1);
        await(2);
        (void)c.close();
      },
      [&] {
        await(1);
        c.receive();
        shared = 2;
        reach(2);
      });
});

// TSan never reports a race that an order excludes, but may miss a real one: it remembers a few
// accesses of each thread, and these threads spin. So one report in ten runs is enough.
void check_race_is_reported(const char* program) {
  support::ChildResult result;
  for (int run = 0; run < 10; ++run) {
    result = support::run_child(program);
    if (result.errors.find("data race") == std::string::npos) continue;
    CHECK_MESSAGE(result.end != "exit 0", program);
    return;
  }
  FAIL_CHECK("no race reported in " << program << ", which ended with " << result.end << ": "
                                    << result.errors);
}

#endif

}  // namespace

TEST_SUITE_BEGIN("race");

#if TESTS_UNDER_TSAN
TEST_CASE("C39, C56 (Go: Race*): a race that a channel does not order away is reported") {
  check_race_is_reported("race_buffered_reverse");
  check_race_is_reported("race_access_after_send");
  check_race_is_reported("race_other_value");
  check_race_is_reported("race_before_size");
  check_race_is_reported("race_pointee");
  check_race_is_reported("race_value_before_close");
}
#endif

TEST_CASE("C38 (Go: NoRaceChanSync, NoRaceChanSyncRev): a rendezvous orders both ways") {
  const Channel<int> c = Channel<int>::make("c");
  int forth = 0;
  int back = 0;
  support::Threads threads;
  threads.run([&] {
    forth = 1;
    CHECK(c.send(0) == Outcome::ok);
    CHECK(back == 1);
  });
  back = 1;
  c.receive();
  CHECK(forth == 1);
}

TEST_CASE("C38 (Go: NoRaceChanAsync, NoRaceChanAsyncCloseRecv): send and close order receives") {
  const Channel<int> c = Channel<int>::make("c", 10);
  int first = 0;
  int second = 0;
  support::Threads threads;
  threads.run([&] {
    first = 1;
    CHECK(c.send(0) == Outcome::ok);
    second = 1;
    CHECK(c.close() == Outcome::ok);
  });
  CHECK(c.receive() == 0);
  CHECK(first == 1);
  CHECK_FALSE(c.receive());
  CHECK(second == 1);
}

TEST_CASE("C38 (Go: NoRaceChanCloseRecv2, CloseRecv4): close orders range loops") {
  const Channel<int> c = Channel<int>::make("c");
  int data = 0;
  support::Threads threads;
  threads.run_each(2, [&](int) {
    for (const int value : c) CHECK(value == 1);
    CHECK(data == 1);
  });
  CHECK(c.send(1) == Outcome::ok);
  data = 1;
  CHECK(c.close() == Outcome::ok);
}

TEST_CASE("C38 (Go: NoRaceChanWaitGroup): a channel counts finished threads") {
  constexpr int kThreads = 4;
  const Channel<void> done = Channel<void>::make("done");
  int results[kThreads] = {};
  support::Threads threads;
  threads.run_each(kThreads, [&](int me) {
    results[me] = me + 1;
    CHECK(done.send() == Outcome::ok);
  });
  for (int i = 0; i < kThreads; ++i) done.receive();
  for (int i = 0; i < kThreads; ++i) CHECK(results[i] == i + 1);
}

TEST_CASE("C38 (Go: NoRaceBlockedSend, BlockedSelectSend): a blocked sender's writes are seen") {
  const Channel<int*> c = Channel<int*>::make("c");
  const Channel<int*> never = Channel<int*>::make("never");
  for (const bool by_select : {false, true}) {
    int data = 0;
    support::Threads threads;
    threads.run([&] {
      int* const pointer = &data;
      data = 7;
      if (by_select) {
        csp::select(csp::on_send(c, pointer), csp::on_receive(never));
      } else {
        CHECK(c.send(pointer) == Outcome::ok);
      }
    });
    support::wait_for_senders(c, 1);
    CHECK(**c.receive() == 7);
  }
}

TEST_SUITE_END();
