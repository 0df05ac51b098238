// SPDX-License-Identifier: Apache-2.0
//
// What waits for what: the report that explains a hang, and the detection of rest, which tools and
// tests use to order their steps.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csp/csp.hpp>
#include <csp/waiting.hpp>
#include <new>
#include <stdexcept>

#include "support/allocations.hpp"

namespace {

using csp::Channel;
using namespace std::chrono_literals;

const auto kNever = std::chrono::steady_clock::time_point::max();

TEST_CASE("waiting: a process that ended by an exception is listed, with the exception's text") {
  csp::Process upload("upload", [] { throw std::runtime_error("no more"); });
  csp::Process odd("odd", [] { throw 5; });
  CHECK(csp::wait_until_idle(kNever));
  const csp::WaitingReport report = csp::waiting();
  CHECK(report.processes == 0);
  REQUIRE(report.failed.size() == 2);
  CHECK(report.failed[0].process == "odd");
  CHECK(report.failed[0].what == "something that is no std::exception");
  CHECK(report.failed[1].process == "upload");
  CHECK(report.failed[1].what == "no more");
  CHECK(csp::to_text(report).find("upload            ended by an exception: no more\n") !=
        std::string::npos);
  CHECK_THROWS_WITH(upload.join(), "no more");
  CHECK_THROWS(odd.join());
  CHECK(csp::waiting().failed.empty());
}

TEST_CASE("waiting: a report that runs out of memory blocks no thread") {
  const Channel<int> numbers = Channel<int>::make("a name that is longer than a small string");
  csp::Process reader("reader with a long name, too", [&] { CHECK(numbers.receive() == 1); });
  CHECK(csp::wait_until_idle(kNever));
  for (std::size_t at = 0;; ++at) {
    support::fail_after(at);
    bool failed = false;
    try {
      (void)csp::waiting();
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    support::fail_next(0);
    if (!failed) break;
    CHECK(at < 100);
  }
  CHECK(csp::waiting().waiting.size() == 1);
  CHECK(numbers.send(1) == csp::Outcome::ok);
}

TEST_CASE("waiting: the time of a wait is that of this wait, not of the process") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process reader("reader", [&] {
    while (numbers.receive()) continue;
  });
  CHECK(csp::wait_until_idle(kNever));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(numbers.send(1) == csp::Outcome::ok);
  CHECK(csp::wait_until_idle(kNever));
  const csp::WaitingReport report = csp::waiting();
  REQUIRE(report.waiting.size() == 1);
  CHECK(report.waiting[0].since <= std::chrono::steady_clock::now() - begin);
  numbers.close();
}

TEST_CASE("C45: a report may be made while channels are dropped after their last receive") {
  std::atomic<bool> ends{false};
  csp::Process watcher("watcher", [&] {
    while (!ends) (void)csp::waiting();
  });
  const Channel<Channel<int>*> given = Channel<Channel<int>*>::make("", 1);
  csp::Process sender("sender", [&] {
    for (int i = 0; i < 2000; ++i) {
      auto* const channel = new Channel<int>(Channel<int>::make("a name that is read"));
      (void)given.send(channel);
      (void)channel->send(int{i});
    }
    (void)given.close();
  });
  for (const Channel<int>* const channel : given) {
    (void)channel->receive();
    delete channel;
  }
  sender.join();
  ends = true;
}

TEST_CASE("waiting: a report lists each process and all its cases") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  csp::Process selecting("selecting", [&] {
    csp::select(csp::on_receive(a), csp::on_send(b, 1), csp::on_receive(Channel<int>()));
  });
  CHECK(csp::wait_until_idle(kNever));
  const csp::WaitingReport report = csp::waiting();
  CHECK(report.all_asleep);
  CHECK(report.processes == 1);
  REQUIRE(report.waiting.size() == 1);
  CHECK(report.waiting[0].process == "selecting");
  CHECK(report.waiting[0].cases == std::vector<std::string>{"recv a", "send b"});
  const std::string text = csp::to_text(report);
  CHECK(text.find("selecting         recv a | send b") != std::string::npos);
  CHECK(text.find("all 1 processes are asleep") != std::string::npos);
  CHECK(a.send(1) == csp::Outcome::ok);
}

TEST_CASE("waiting: rest is not reported while a message is on its way") {
  // A token goes round a ring of processes; rest may be reported only when it has arrived at the
  // end.
  constexpr int kProcesses = 4;
  constexpr int kRounds = 200;
  std::vector<Channel<int>> ring;
  for (int i = 0; i < kProcesses; ++i) ring.push_back(Channel<int>::make("ring"));
  const Channel<int> done = Channel<int>::make("done", kRounds);
  std::vector<csp::Process> processes;
  for (int i = 0; i < kProcesses; ++i) {
    processes.emplace_back("relay", [&, i] {
      for (int value : ring[static_cast<std::size_t>(i)]) {
        const bool last = i + 1 == kProcesses;
        CHECK((last ? done : ring[static_cast<std::size_t>(i) + 1]).send(value) ==
              csp::Outcome::ok);
      }
    });
  }
  for (int round = 0; round < kRounds; ++round) {
    CHECK(ring[0].send(round) == csp::Outcome::ok);
    CHECK(csp::wait_until_idle(kNever));
    CHECK(done.try_receive().value == round);  // it is there, without waiting
  }
  for (const Channel<int>& channel : ring) CHECK(channel.close() == csp::Outcome::ok);
}

TEST_CASE("waiting: for a process that never rests the deadline ends the wait") {
  const Channel<void> stop = Channel<void>::make("");
  csp::Process busy("busy", [&] {
    while (stop.try_receive().outcome == csp::Outcome::would_block) {
    }
  });
  CHECK_FALSE(csp::wait_until_idle(std::chrono::steady_clock::now() + 1ms));
  CHECK_FALSE(csp::waiting().all_asleep);
  CHECK(stop.close() == csp::Outcome::ok);
  busy.join();
  CHECK(csp::wait_until_idle(kNever));  // no process is left
}

}  // namespace
