// SPDX-License-Identifier: Apache-2.0
//
// csp::serving: a process that is a serve and nothing else, and has no thread until it needs one.
// Where it begins, runs and ends; how it comes by a thread; what happens if there is none to be
// had. That its messages are those of any serve is in serve_test.cpp and in the streams' tests.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <csp/waiting.hpp>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/hostings.hpp"
#include "support/no_threads.hpp"
#include "support/race.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using support::kHostings;
using support::threads_named;
using namespace std::chrono_literals;

constexpr auto kForEver = std::chrono::steady_clock::time_point::max();

/// Doubles numbers, until told their end; and says on which thread it did, and ended.
csp::Process doubler(const Channel<int>& numbers, const Channel<int>& answers,
                     std::thread::id& last_thread, Hosting hosting = Hosting::assisted) {
  struct Leaves {
    std::thread::id* thread;
    ~Leaves() {
      if (thread) *thread = std::this_thread::get_id();
    }
  };
  return csp::serving("doubler", hosting,
                      [&, leaves = std::unique_ptr<Leaves>(new Leaves{&last_thread})] {
                        return csp::cases(on_receive(numbers, [&](std::optional<int> number) {
                          last_thread = std::this_thread::get_id();
                          if (!number) return csp::stop;
                          const bool named = csp::Process::current_name() == "doubler";
                          (void)answers.send(named ? 2 * *number : 0);
                          return csp::go_on;
                        }));
                      });
}

int without_threads();
const support::ChildProgram program("serving_without_threads", without_threads);

}  // namespace

TEST_SUITE_BEGIN("serving");

TEST_CASE("begins, runs and ends on the threads of those who bring it messages") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<int> answers = Channel<int>::make("answers", 1);
  std::thread::id thread;
  csp::Process process = doubler(numbers, answers, thread);
  CHECK(support::waiting_receivers(numbers) == 1);  // it waits already
  CHECK(csp::call(numbers, 21, answers).value == 42);
  CHECK(thread == std::this_thread::get_id());
  std::thread::id other;
  {
    csp::Process client("client", [&] {
      other = std::this_thread::get_id();
      CHECK(csp::call(numbers, 4, answers).value == 8);
    });
  }
  CHECK(thread == other);
  CHECK(threads_named("doubler") == 0);
  const csp::carry_closes here;
  thread = {};
  CHECK(numbers.close() == Outcome::ok);
  CHECK(thread == std::this_thread::get_id());  // what it captured has been destroyed here
  process.join();
  CHECK(threads_named("doubler") == 0);
}

TEST_CASE("C10: a close, and who said never_carry, make it start a thread, which it keeps") {
  Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<int> answers = Channel<int>::make("answers", 1);
  std::thread::id thread;
  {
    csp::Process process = doubler(numbers, answers, thread);
    CHECK(numbers.close() == Outcome::ok);
  }
  CHECK(thread != std::this_thread::get_id());
  numbers = Channel<int>::make("numbers");
  csp::Process process = doubler(numbers, answers, thread);
  {
    const csp::never_carry here;
    CHECK(numbers.send(1) == Outcome::ok);
    CHECK(answers.receive() == 2);
  }
  CHECK(thread != std::this_thread::get_id());
  CHECK(threads_named("doubler") == 1);
  support::wait_for_receivers(numbers, 1);
  CHECK(csp::call(numbers, 2, answers).value == 4);  // it may still be carried
  CHECK(thread == std::this_thread::get_id());
  CHECK(numbers.close() == Outcome::ok);
  process.join();
  CHECK(thread != std::this_thread::get_id());
  CHECK(support::nobody_waits(numbers));
}

TEST_CASE("under Hosting::dedicated, or with a time to keep, it has a thread from the start") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<int> answers = Channel<int>::make("answers", 1);
  {
    std::thread::id thread;
    csp::Process process = doubler(numbers, answers, thread, Hosting::dedicated);
    support::wait_until([] { return threads_named("doubler") == 1; });
    CHECK(csp::call(numbers, 21, answers).value == 42);
    CHECK(thread != std::this_thread::get_id());
    CHECK(numbers.close() == Outcome::ok);
  }
  int rounds = 0;
  csp::Process clock = csp::serving("clock", [&rounds] {
    return csp::cases(csp::after(1ms, [&] { return ++rounds == 3 ? csp::stop : csp::go_on; }));
  });
  clock.join();
  CHECK(rounds == 3);
}

TEST_CASE("ten thousand of them need no thread") {
  constexpr std::size_t kMany = 10'000;
  std::vector<Channel<int>> links;
  std::vector<csp::Process> processes;
  const auto tasks = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
  };
  const auto before = tasks();
  const Channel<int> end = Channel<int>::make("end", 1);
  for (std::size_t i = 0; i <= kMany; ++i) links.push_back(Channel<int>::make("", 1));
  for (std::size_t i = 0; i < kMany; ++i) {
    processes.push_back(
        csp::serving("link", Hosting::assisted, [&from = links[i], &to = links[i + 1]] {
          return csp::cases(on_receive(from, [&](std::optional<int> n) {
            if (n) (void)to.send(*n + 1);
            return n ? csp::go_on : csp::stop;
          }));
        }));
  }
  CHECK(links.front().send(0) == Outcome::ok);
  CHECK(links.back().receive() == static_cast<int>(kMany));
  CHECK(tasks() <= before);
  const csp::carry_closes here;
  for (const Channel<int>& channel : links) CHECK(channel.close() == Outcome::ok);
  processes.clear();
  CHECK(tasks() <= before);
}

TEST_CASE("what a handler throws, or a predicate at the start, is thrown by the join") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> numbers = Channel<int>::make("numbers");
    csp::Process process = csp::serving("thrower", hosting, [&numbers] {
      return csp::cases(on_receive(
          numbers, [](std::optional<int>) { throw std::runtime_error("from the handler"); }));
    });
    CHECK(numbers.send(1) == Outcome::ok);
    CHECK_THROWS_WITH(process.join(), "from the handler");
    CHECK(support::nobody_waits(numbers));
    csp::Process stillborn = csp::serving("stillborn", hosting, [&numbers] {
      return csp::cases(csp::when([]() -> bool { throw std::runtime_error("from the predicate"); },
                                  on_receive(numbers)));
    });
    CHECK_THROWS_WITH(stillborn.join(), "from the predicate");
  }
}

TEST_CASE("a process without a thread is on the report, and counts when all are asleep") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<int> answers = Channel<int>::make("answers", 1);
  std::thread::id thread;
  csp::Process process = doubler(numbers, answers, thread);
  CHECK(csp::wait_for_rest(kForEver));
  csp::WaitingReport report = csp::waiting();
  CHECK(report.processes == 1);
  CHECK(report.all_asleep);
  REQUIRE(report.waiting.size() == 1);
  CHECK(report.waiting[0].process == "doubler");
  CHECK(report.waiting[0].cases == std::vector<std::string>{"recv numbers"});
  const csp::carry_closes here;
  CHECK(numbers.close() == Outcome::ok);
  report = csp::waiting();
  CHECK(report.processes == 0);
  CHECK(report.waiting.empty());
}

TEST_CASE("a handler may start such a process, use it by channels, and join it") {
  const Channel<int> orders = Channel<int>::make("orders");
  const Channel<int> results = Channel<int>::make("results", 1);
  csp::Process outer = csp::serving("outer", Hosting::assisted, [&] {
    return csp::cases(on_receive(orders, [&](std::optional<int> order) {
      if (!order) return csp::stop;
      const Channel<int> numbers = Channel<int>::make("numbers");
      const Channel<int> answers = Channel<int>::make("answers", 1);
      std::thread::id thread;
      csp::Process inner = doubler(numbers, answers, thread);
      (void)results.send(csp::call(numbers, *order, answers).value.value_or(0));
      (void)numbers.close();
      inner.join();
      // This one would begin when our round is over, and ends at once.
      csp::serving("brief", Hosting::assisted, [&] {
        return csp::cases(on_receive(numbers, [](std::optional<int>) { return csp::stop; }));
      }).join();
      return csp::go_on;
    }));
  });
  CHECK(orders.send(21) == Outcome::ok);
  CHECK(results.receive() == 42);
  const csp::carry_closes here;
  CHECK(orders.close() == Outcome::ok);
}

TEST_CASE("C45: its end, carried or not, against the join, and against the birth of its thread") {
  std::optional<Channel<int>> numbers;
  std::optional<csp::Process> process;
  std::size_t round = 0;
  int sum = 0;  // plain: two at a time would be a race
  support::race(
      2000,
      [&] {
        sum = 0;
        ++round;
        numbers = Channel<int>::make("numbers");
        process = csp::serving("adder", Hosting::assisted, [&numbers = *numbers, &sum] {
          return csp::cases(on_receive(numbers, [&](std::optional<int> n) {
            sum += n.value_or(0);
            return n ? csp::go_on : csp::stop;
          }));
        });
      },
      [&] {
        CHECK((round % 2 ? numbers->try_send(1) : numbers->send(1)) != Outcome::closed);
        std::optional<csp::carry_closes> here;
        if (round % 3 == 0) here.emplace();
        (void)numbers->close();
        process->join();
      },
      [&] { (void)numbers->send(1); },
      [&] {
        CHECK(sum <= 2);
        CHECK(support::nobody_waits(*numbers));
        process.reset();
      });
}

TEST_CASE("if the system has no thread to give, the message is carried all the same") {
  const support::ChildResult result = support::run_child("serving_without_threads");
  CHECK(result.end == "exit 0");
  CHECK(result.errors == "");
}

TEST_SUITE_END();

namespace {

int without_threads() {
  const support::NoThreads none;
  if (!none.works()) return 9;
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<int> answers = Channel<int>::make("answers", 1);
  std::thread::id thread;
  csp::Process process = doubler(numbers, answers, thread);
  if (numbers.try_send(21) != Outcome::ok || answers.try_receive().value != 42) return 12;
  if (thread != std::this_thread::get_id()) return 13;
  if (numbers.close() != Outcome::ok) return 14;
  process.join();
  return 0;
}

}  // namespace
