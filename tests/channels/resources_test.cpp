// SPDX-License-Identifier: Apache-2.0
//
// What operations cost: C51 (a blocked operation costs nothing), C52 (precise wake-ups), C53 (more
// threads than processors), C54 (memory) and C55 (no allocation). Processor time and context
// switches come from the kernel's counts for each thread, so a busy machine does not change them.
#include <doctest/doctest.h>
#include <sched.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <vector>

#include "support/allocations.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;
using namespace std::chrono_literals;

struct Usage {
  std::chrono::microseconds cpu;
  long switches;
};

/// RUSAGE_THREAD: of this thread; RUSAGE_SELF: of all threads.
Usage usage_of(int whom) {
  rusage usage{};
  getrusage(whom, &usage);
  const auto microseconds = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return {microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_nvcsw};
}

// Bytes of the one allocation that a channel makes.
template <class T>
std::size_t bytes_of(std::size_t capacity) {
  const support::Allocations before = support::allocations_here();
  const Channel<T> c = Channel<T>::make("c", capacity);
  const support::Allocations made = support::allocations_here() - before;
  CHECK(made.made == 1);
  return made.bytes_made;
}

}  // namespace

TEST_SUITE_BEGIN("resources");

TEST_CASE("C51: blocked operations cost no processor time and have no needless wake-ups") {
  constexpr int kThreads = 200;
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> other = Channel<int>::make("other");
  std::stop_source stop;
  std::array<std::atomic<long>, 4> switches{};  // of each kind of wait
  support::Threads threads;
  threads.run_each(kThreads, [&](int me) {
    const long before = usage_of(RUSAGE_THREAD).switches;
    if (me % 4 == 0) c.receive();
    if (me % 4 == 1) c.receive_for(1h);
    if (me % 4 == 2) csp::select(on_receive(c), on_receive(other), csp::after(1h));
    if (me % 4 == 3) c.receive(stop.get_token());
    switches[me % 4] += usage_of(RUSAGE_THREAD).switches - before;
  });
  support::wait_for_receivers(c, kThreads);
  const Usage before = usage_of(RUSAGE_SELF);
  // The time for which they are blocked is the measurement itself: no cost must grow with it.
  CHECK(other.receive_for(2s).outcome == Outcome::timeout);
  const std::chrono::microseconds cpu = usage_of(RUSAGE_SELF).cpu - before.cpu;
  CHECK(c.close() == Outcome::ok);
  threads.join();
  // The sum includes falling asleep: each thread spins for a few microseconds first.
  CHECK(cpu < 20ms * (TESTS_UNDER_TSAN || TESTS_UNDER_ASAN ? 20 : 1));
  // Each thread has one switch to block, and some for contention at the locks when all begin and
  // end at once. A timer would cost one for each of many moments of a second.
  for (const std::atomic<long>& kind : switches) CHECK(kind.load() < 4 * kThreads / 4);
}

TEST_CASE("C52: one value wakes one thread; the other waiting threads stay asleep") {
  constexpr int kThreads = 20;
  const int rounds = 200;
  const Channel<int> c = Channel<int>::make("c");
  std::atomic<long> switches{0};
  std::atomic<int> received{0};
  support::Threads threads;
  threads.run_each(kThreads, [&](int) {
    const Usage before = usage_of(RUSAGE_THREAD);
    for (int value : c) received += value;
    switches += usage_of(RUSAGE_THREAD).switches - before.switches;
  });
  for (int i = 0; i < rounds; ++i) {
    support::wait_for_receivers(c, kThreads);
    CHECK(c.try_send(1) == Outcome::ok);
  }
  CHECK(c.close() == Outcome::ok);
  threads.join();
  CHECK(received == rounds);
  // Each value and the close cost a sleeper one sleep. A thundering herd would cost rounds *
  // kThreads. The factor 2 leaves room for sleeps on the channel's lock.
  CHECK(switches <= 2 * (rounds + 2 * kThreads));
}

TEST_CASE("C53: on one processor, far more threads than processors make progress") {
  cpu_set_t before;
  REQUIRE(sched_getaffinity(0, sizeof before, &before) == 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &before)) {
      CPU_SET(i, &one);
      break;
    }
  }
  REQUIRE(sched_setaffinity(0, sizeof one, &one) == 0);  // threads made from here on inherit it
  {
    constexpr int kThreads = 32;
    const int rounds = int(support::scaled(1000));
    const Channel<int> c = Channel<int>::make("c", 1);
    std::atomic<int> sum{0};
    support::Threads threads;
    threads.run_each(kThreads, [&](int) {
      for (int i = 0; i < rounds; ++i) CHECK(c.send(1) == Outcome::ok);
    });
    threads.run_each(kThreads, [&](int) {
      for (int i = 0; i < rounds; ++i) sum += *c.receive();
    });
    threads.join();
    CHECK(sum == kThreads * rounds);
  }
  REQUIRE(sched_setaffinity(0, sizeof before, &before) == 0);
}

TEST_CASE("C54: a channel is one allocation: a header, its name, and capacity * sizeof(T)") {
  struct Forty {
    long words[5];
  };
  const std::size_t header = bytes_of<char>(0);
  CHECK(header < 256);
  CHECK(bytes_of<char>(1000) == header + 1000);
  CHECK(bytes_of<long>(1000) - bytes_of<long>(0) == 1000 * sizeof(long));
  CHECK(bytes_of<Forty>(7) - bytes_of<Forty>(0) == 7 * sizeof(Forty));
}

TEST_CASE("C54: memory does not depend on history and is all given back") {
  const support::Allocations before = support::allocations_everywhere();
  {
    const Channel<int> c = Channel<int>::make("c", 100);
    for (int round = 0; round < 50; ++round) {
      while (c.try_send(1) == Outcome::ok) {
      }
      while (c.try_receive()) {
      }
    }
    CHECK((support::allocations_everywhere() - before).made == 1);
  }
  const support::Allocations after = support::allocations_everywhere() - before;
  CHECK(after.made == after.freed);
}

TEST_CASE("C55: no operation allocates, ready or not, and no select with a fixed number of cases") {
  const Channel<int> c = Channel<int>::make("c", 4);
  const Channel<int> other = Channel<int>::make("other");
  const Channel<void> tokens = Channel<void>::make("tokens", 1);
  std::stop_source stop;
  const std::stop_token token = stop.get_token();
  const support::Allocations before = support::allocations_here();
  bool right = true;
  for (int i = 0; i < 100; ++i) {
    right &= c.send(int{i}) == Outcome::ok;
    right &= c.try_send(int{i}) == Outcome::ok;
    right &= c.send_for(int{i}, 1h) == Outcome::ok;
    right &= c.send(int{i}, token) == Outcome::ok;
    right &= c.send_for(int{i}, 1us) == Outcome::timeout;
    right &= c.receive() == i;
    right &= bool(c.try_receive());
    right &= bool(c.receive_for(1h));
    right &= bool(c.receive(token));
    right &= c.receive_for(1us, token).outcome == Outcome::timeout;
    right &= csp::select(on_send(tokens), on_receive(c), on_receive(other)) == 0;
    right &= csp::select(on_receive(tokens), on_receive(c), csp::after(1h)) == 0;
    right &= csp::select(on_receive(c, [](std::optional<int>) {}), on_receive(other),
                         on_send(other, 1), csp::after(1us), csp::on_stop(token)) == 3;
    right &= csp::select(on_receive(c), on_receive(other), csp::otherwise()) == 2;
  }
  right &= other.close() == Outcome::ok;
  right &= !other.receive();
  const support::Allocations during = support::allocations_here() - before;
  CHECK(during.made == 0);
  CHECK(right);
}

TEST_CASE("C55: neither side of an exchange between threads allocates, blocked or not") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> quiet = Channel<int>::make("quiet");
  const int rounds = int(support::scaled(2000));
  std::atomic<std::size_t> made{0};
  support::Threads threads;
  threads.run([&] {
    const support::Allocations before = support::allocations_here();
    bool right = true;
    for (int i = 0; i < rounds; ++i) right &= csp::select(on_send(c, 1), on_receive(quiet)) == 0;
    made += (support::allocations_here() - before).made;
    CHECK(right);
  });
  const support::Allocations before = support::allocations_here();
  bool right = true;
  for (int i = 0; i < rounds; ++i) right &= c.receive() == 1;
  made += (support::allocations_here() - before).made;
  CHECK(right);
  threads.join();
  CHECK(made == 0);
}

TEST_SUITE_END();
