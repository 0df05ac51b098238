// SPDX-License-Identifier: Apache-2.0
//
// What a thread that carries a process may not: go on without end, run others' handlers while its
// own process has a time to keep, let its own wishes rule the handlers, or touch what it has handed
// over.
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>
#include <csp/waiting.hpp>
#include <deque>
#include <filesystem>

#include "support/child.hpp"
#include "support/no_threads.hpp"
#include "support/scale.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using namespace std::chrono_literals;

std::ptrdiff_t tasks() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

/// Two processes hear of one close, and the one waits for what the other says then.
int close_without_threads() {
  const support::NoThreads none;
  if (!none.works()) return 9;
  for (const bool swapped : {false, true}) {
    const Channel<void> ends = Channel<void>::make("ends");
    const Channel<void> word = Channel<void>::make("word");
    const auto hears = [&](bool waits) {
      return csp::serving("hears", Hosting::assisted, [&ends, &word, waits] {
        return csp::cases(on_receive(ends, [&word, waits](std::optional<csp::Token>) {
          waits ? void(word.receive()) : void(word.send());
          return csp::stop;
        }));
      });
    };
    csp::Process first = hears(!swapped);
    csp::Process second = hears(swapped);
    if (ends.close() != Outcome::ok) return 10;
  }
  return 0;
}
const support::ChildProgram kClose("close_without_threads", close_without_threads);

}  // namespace

TEST_SUITE_BEGIN("serve_carrier");

TEST_CASE("C10: two processes that send to each other do not keep who has begun it") {
  const Channel<int> to = Channel<int>::make("to");
  const Channel<int> fro = Channel<int>::make("fro");
  std::atomic<bool> ends{false};
  const auto passing = [&](const Channel<int>& from, const Channel<int>& on) {
    return csp::serving("passing", Hosting::assisted, [&ends, from, on] {
      return csp::cases(on_receive(from, [&ends, on](std::optional<int> n) {
        if (n && !ends) (void)on.send(*n + 1);
        return n ? csp::go_on : csp::stop;
      }));
    });
  };
  csp::Process ping = passing(to, fro);
  csp::Process pong = passing(fro, to);
  CHECK(to.send(0) == Outcome::ok);  // it comes back
  ends = true;
  CHECK(csp::wait_for_rest(csp::kNever));
  CHECK(to.close() == Outcome::ok);
  CHECK(fro.close() == Outcome::ok);
}

// Whoever parks it has no lock then that would hold up its own thread, which goes on when its time
// has come: so he may read nothing of it. Sanitizers see it if he does.
TEST_CASE("C45: a process may be without any channel for a while") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  bool cooling = false;
  int taken = 0;
  csp::Process process("process", [&] {
    csp::serve(Hosting::assisted,
               csp::when([&] { return !cooling; }, on_receive(numbers,
                                                              [&](std::optional<int> n) {
                                                                cooling = true;
                                                                taken += n.has_value();
                                                                return n ? csp::go_on : csp::stop;
                                                              })),
               csp::after(20us, [&] { cooling = false; }));
  });
  const int count = static_cast<int>(support::scaled(2000));
  for (int i = 0; i < count; ++i) CHECK(numbers.send(int{i}) == Outcome::ok);
  CHECK(numbers.close() == Outcome::ok);
  process.join();
  CHECK(taken == count);
}

TEST_CASE("C35 C37: a process with a time to keep does not run the handler of whom it sends to") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<void> gate = Channel<void>::make("gate");
  csp::Process slow = csp::serving("slow", Hosting::assisted, [&] {
    return csp::cases(on_receive(numbers, [&](std::optional<int> n) {
      if (n) (void)gate.receive();
      return n ? csp::go_on : csp::stop;
    }));
  });
  std::stop_source stop;
  bool sent = false;
  csp::Process process("process", [&] {
    csp::serve(
        Hosting::assisted,
        csp::when([&] { return !sent; }, csp::on_send(numbers, 1, [&](Outcome) { sent = true; })),
        csp::on_stop(stop.get_token(), [] { return csp::stop; }));
  });
  support::wait_for_receivers(gate, 1);
  stop.request_stop();
  process.join();  // or never, while the gate is closed
  CHECK(gate.send() == Outcome::ok);
  CHECK(numbers.close() == Outcome::ok);
}

TEST_CASE("carry_closes is not the handlers', whom who says it carries") {
  const Channel<void> first = Channel<void>::make("first");
  const Channel<void> second = Channel<void>::make("second");
  const Channel<void> heard = Channel<void>::make("heard");
  csp::Process told = csp::serving("told", Hosting::assisted, [&] {
    return csp::cases(on_receive(second, [&](std::optional<csp::Token>) {
      (void)heard.send();
      return csp::stop;
    }));
  });
  csp::Process teller = csp::serving("teller", Hosting::assisted, [&] {
    return csp::cases(on_receive(first, [&](std::optional<csp::Token>) {
      CHECK(second.close() == Outcome::ok);
      CHECK(heard.receive());  // a handler that this thread was to run could not say so
      return csp::stop;
    }));
  });
  const csp::carry_closes here;
  CHECK(first.close() == Outcome::ok);
}

TEST_CASE("a close tells all before it runs any, where no thread is to be had") {
  const support::ChildResult result = support::run_child("close_without_threads");
  CHECK_MESSAGE(result.end == "exit 0", result.errors);
}

TEST_CASE("waiting, in a handler or under never_carry, gives nobody a thread") {
  std::deque<Channel<void>> channels;
  std::deque<csp::Process> processes;
  for (int i = 0; i < 50; ++i) {
    const Channel<void>& channel = channels.emplace_back(Channel<void>::make("c"));
    processes.push_back(csp::serving("p", Hosting::assisted, [&] {
      return csp::cases(on_receive(
          channel, [](std::optional<csp::Token> token) { return token ? csp::go_on : csp::stop; }));
    }));
  }
  const Channel<void> ask = Channel<void>::make("ask");
  csp::Process asker = csp::serving("asker", Hosting::assisted, [&] {
    return csp::cases(on_receive(ask, [](std::optional<csp::Token>) {
      (void)csp::waiting();
      return csp::stop;
    }));
  });
  const std::ptrdiff_t before = tasks();
  CHECK(ask.send() == Outcome::ok);
  {
    const csp::never_carry here;
    CHECK(csp::waiting().waiting.size() == 50);
  }
  CHECK(tasks() == before);
  for (const Channel<void>& channel : channels) CHECK(channel.close() == Outcome::ok);
}

TEST_SUITE_END();
