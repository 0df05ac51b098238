// SPDX-License-Identifier: Apache-2.0
//
// Go's runtime/chan_test.go and chanbarrier_test.go, restated. Each case names its test. The stress
// tests of fairness and self-selection are in go_select_runtime_cases_test.cpp. Go's tests of
// moving stacks become tests of lifetime here: nothing may touch what a blocked sender or receiver
// keeps on its stack after it has returned. ASan and TSan watch this.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <optional>
#include <thread>
#include <vector>

#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::otherwise;
using csp::Outcome;
using csp::select;

constexpr std::size_t kCapacities[] = {0, 1, 2, 3, 10, 50, 100, 200};

}  // namespace

TEST_SUITE_BEGIN("go_chan_runtime_cases");

TEST_CASE("Go TestChan: a receive on an empty channel blocks until a send (C2, C3)") {
  for (const std::size_t capacity : kCapacities) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    std::array<std::atomic<bool>, 2> received{};
    support::Threads threads;
    threads.run_each(2, [&](int me) {
      CHECK(c.receive().has_value());
      received[std::size_t(me)] = true;
    });
    support::wait_for_receivers(c, 2);
    CHECK_FALSE((received[0] || received[1]));
    CHECK(c.try_receive().outcome == Outcome::would_block);
    CHECK(c.size() == 0);
    CHECK(c.send(0) == Outcome::ok);
    CHECK(c.send(0) == Outcome::ok);
    threads.join();
    CHECK((received[0] && received[1]));
  }
}

TEST_CASE("Go TestChan: a send on a full channel blocks, a try fails (C1, C3, C12)") {
  for (const std::size_t capacity : kCapacities) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.send(int(i)) == Outcome::ok);
    CHECK(c.size() == capacity);
    CHECK(c.capacity() == capacity);
    std::atomic<bool> sent{false};
    support::Threads threads;
    threads.run([&] {
      CHECK(c.send(int(capacity)) == Outcome::ok);
      sent = true;
    });
    support::wait_for_senders(c, 1);
    CHECK_FALSE(sent);
    CHECK(c.try_send(-1) == Outcome::would_block);
    for (std::size_t i = 0; i <= capacity; ++i) CHECK(c.receive() == int(i));
  }
}

TEST_CASE("Go TestChan: a closed channel gives its buffered values, then zero values (C15, C16)") {
  for (const std::size_t capacity : kCapacities) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.send(int(i)) == Outcome::ok);
    CHECK(c.close() == Outcome::ok);
    for (std::size_t i = 0; i < capacity; ++i) CHECK(c.receive() == int(i));
    CHECK_FALSE(c.receive());
    CHECK_FALSE(c.receive());
    const Channel<int> waited = Channel<int>::make("waited", capacity);
    support::Threads threads;
    threads.run([&] { CHECK_FALSE(waited.receive()); });
    support::wait_for_receivers(waited, 1);
    CHECK(waited.close() == Outcome::ok);
  }
}

TEST_CASE("Go TestChan: a sequence arrives in order, from one thread to another (C6)") {
  for (const std::size_t capacity : kCapacities) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    support::Threads threads;
    threads.run([&] {
      for (int i = 0; i < 100; ++i) CHECK(c.send(int{i}) == Outcome::ok);
    });
    for (int i = 0; i < 100; ++i) CHECK(c.receive() == i);
  }
}

TEST_CASE("Go TestChan: four senders and four receivers, every value four times (C8)") {
  constexpr int kThreads = 4;
  constexpr int kValues = 250;
  for (const std::size_t capacity : kCapacities) {
    CAPTURE(capacity);
    const Channel<int> c = Channel<int>::make("c", capacity);
    std::array<std::vector<int>, kThreads> received;
    {
      support::Threads threads;
      threads.run_each(kThreads, [&](int) {
        for (int i = 0; i < kValues; ++i) CHECK(c.send(int{i}) == Outcome::ok);
      });
      threads.run_each(kThreads, [&](int me) {
        for (int i = 0; i < kValues; ++i) received[std::size_t(me)].push_back(*c.receive());
      });
    }
    std::vector<int> times(kValues);
    for (const std::vector<int>& mine : received) {
      for (const int value : mine) ++times[std::size_t(value)];
    }
    CHECK(times == std::vector<int>(kValues, kThreads));
  }
}

TEST_CASE("Go TestNonblockRecvRace: close does not hide a buffered value from a try (C18)") {
  Channel<int> c;
  int misses = 0;
  support::race(
      support::scaled(20000),
      [&] {
        c = Channel<int>::make("c", 1);
        CHECK(c.send(1) == Outcome::ok);
      },
      [&] { misses += select(on_receive(c), otherwise()) != 0; },
      [&] {
        CHECK(c.close() == Outcome::ok);
        c.receive();
      },
      [] {});
  CHECK(misses == 0);
}

TEST_CASE("Go TestMultiConsumer: counts and sums are kept, shutdown by close (C8, C16)") {
  constexpr int kWorkers = 23;
  const int values = int(support::scaled(3000));
  static constexpr std::array<int, 9> kPrimes = {2, 3, 5, 7, 11, 13, 17, 19, 23};
  const Channel<int> questions = Channel<int>::make("questions", kWorkers * 3);
  const Channel<int> answers = Channel<int>::make("answers", kWorkers * 3);
  support::Threads workers;
  workers.run_each(kWorkers, [&](int me) {
    for (const int value : questions) {
      if (kPrimes[std::size_t(me) % kPrimes.size()] == value) std::this_thread::yield();
      CHECK(answers.send(int{value}) == Outcome::ok);
    }
  });
  long expected = 0;
  support::Threads feeder;
  feeder.run([&] {
    for (int i = 0; i < values; ++i) {
      const int value = kPrimes[std::size_t(i) % kPrimes.size()];
      expected += value;
      CHECK(questions.send(int{value}) == Outcome::ok);
    }
    CHECK(questions.close() == Outcome::ok);
    workers.join();
    CHECK(answers.close() == Outcome::ok);
  });
  int count = 0;
  long sum = 0;
  for (const int value : answers) {
    ++count;
    sum += value;
  }
  feeder.join();
  CHECK(count == values);
  CHECK(sum == expected);
}

TEST_CASE("Go TestShrinkStackDuringBlockedSend: a payload on the blocked sender's stack (C41)") {
  struct Payload {
    std::array<int, 256> words;
  };
  const Channel<Payload> c = Channel<Payload>::make("c");
  const int rounds = int(support::scaled(2000));
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < rounds; ++i) {
      Payload payload;
      payload.words.fill(i);
      CHECK(c.send(std::move(payload)) == Outcome::ok);
      payload.words.fill(-1);  // ours again as soon as send has returned
    }
  });
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    if (i % 16 == 0) support::wait_for_senders(c, 1);
    const std::optional<Payload> got = c.receive();
    for (const int word : got->words) wrong += word != i;
  }
  CHECK(wrong == 0);
}

TEST_CASE("Go chanbarrier: messages of short-lived peers outlive them (C41, C45)") {
  struct Response {
    std::vector<int> bytes;
  };
  struct Request {
    int number;
    Channel<Response> reply;
  };
  // In each round a peer starts, asks once and ends, and its stack ends with it.
  const auto run = [](std::size_t capacity) {
    const Channel<Request> requests = Channel<Request>::make("requests", capacity);
    support::Threads server;
    server.run([&] {
      for (const Request& request : requests) {
        Response response{std::vector<int>(100, request.number)};
        CHECK(request.reply.send(std::move(response)) == Outcome::ok);
      }
    });
    for (int round = 0; round < int(support::scaled(200)); ++round) {
      support::Threads clients;
      clients.run_each(3, [&](int me) {
        const Channel<Response> reply = Channel<Response>::make("reply", capacity);
        CHECK(requests.send(Request{me, reply}) == Outcome::ok);
        CHECK(reply.receive()->bytes == std::vector<int>(100, me));
      });
    }
    CHECK(requests.close() == Outcome::ok);
  };
  run(0);
  run(1);
}

TEST_SUITE_END();
