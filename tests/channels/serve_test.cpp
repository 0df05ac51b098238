// SPDX-License-Identifier: Apache-2.0
//
// csp::serve under both hostings: on whose thread the rounds run, and that nothing else depends on
// it. What serve is apart from that is in select_handlers_test.cpp.
#include <doctest/doctest.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <csp/csp.hpp>
#include <csp/waiting.hpp>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/hostings.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using support::kHostings;
using namespace std::chrono_literals;

const support::ChildProgram kHosting("default_hosting", [] {
  const bool same = csp::default_hosting() == csp::default_hosting();
  return same && csp::default_hosting() == Hosting::dedicated ? 3 : 0;
});

/// A process that receives numbers, and tells on which thread each of its handlers ran.
class Told {
 public:
  explicit Told(Hosting hosting)
      : process_("told", [this, hosting] {
          own_ = std::this_thread::get_id();
          csp::serve(hosting, on_receive(numbers, [this](std::optional<int> number) {
                       if (!number) return csp::stop;
                       CHECK(csp::Process::current_name() == "told");
                       (void)ran.send(std::this_thread::get_id());
                       return csp::go_on;
                     }));
        }) {
    support::wait_for_receivers(numbers, 1);
  }
  ~Told() { (void)numbers.close(); }

  /// Whether the message that was sent last was handled on the process's own thread.
  bool on_its_own() const { return ran.receive() == own_; }

  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<std::thread::id> ran = Channel<std::thread::id>::make("ran", 1);

 private:
  std::thread::id own_;
  csp::Process process_;
};

}  // namespace

TEST_SUITE_BEGIN("serve");

TEST_CASE("the thread that brings a message runs the handler, unless hosting is dedicated") {
  for (const Hosting hosting : kHostings) {
    const Told told(hosting);
    for (int i = 0; i < 3; ++i) {
      CHECK(told.numbers.send(i) == Outcome::ok);
      CHECK(told.on_its_own() == (hosting == Hosting::dedicated));
    }
  }
}

TEST_CASE("C10 C35 C37: who may not wait for a handler, or said never_carry, runs none") {
  const Told told(Hosting::assisted);
  std::stop_source stop;
  CHECK(told.numbers.try_send(1) == Outcome::ok);
  CHECK(told.on_its_own());
  support::wait_for_receivers(told.numbers, 1);
  CHECK(told.numbers.send_for(2, 1h) == Outcome::ok);
  CHECK(told.on_its_own());
  CHECK(told.numbers.send(3, stop.get_token()) == Outcome::ok);
  CHECK(told.on_its_own());
  {
    const csp::never_carry here;
    CHECK(told.numbers.send(4) == Outcome::ok);
    CHECK(told.on_its_own());
  }
  support::wait_for_receivers(told.numbers, 1);
  CHECK(told.numbers.send(5) == Outcome::ok);
  CHECK(!told.on_its_own());
}

TEST_CASE("a select brings messages too, and its handler runs after the process's") {
  const Told told(Hosting::assisted);
  CHECK(csp::select(csp::on_send(told.numbers, 1, [&](Outcome outcome) {
          CHECK(outcome == Outcome::ok);
          CHECK(told.ran.size() == 1);
        })) == 0);
  CHECK(!told.on_its_own());
}

TEST_CASE("C5: one thread at a time is the process, whoever brings the messages") {
  constexpr int kClients = 8;
  constexpr int kMessages = 2000;
  for (const Hosting hosting : kHostings) {
    const Channel<int> numbers = Channel<int>::make("numbers");
    const Channel<int> others = Channel<int>::make("others");
    int count = 0;  // plain: two at a time would be a race, or lose some
    csp::Process process("process", [&] {
      const auto handle = [&](std::optional<int> number) {
        if (!number) return csp::stop;
        ++count;
        return csp::go_on;
      };
      csp::serve(hosting, on_receive(numbers, handle), on_receive(others, handle));
    });
    support::Threads clients;
    for (int i = 0; i < kClients; ++i) {
      clients.run([&, i] {
        for (int k = 0; k < kMessages; ++k)
          CHECK((i % 2 ? numbers : others).send(k) == Outcome::ok);
      });
    }
    clients.join();
    CHECK(numbers.close() == Outcome::ok);
    process.join();
    CHECK(count == kClients * kMessages);
    CHECK(support::nobody_waits(others));
  }
}

TEST_CASE("what a carried handler throws leaves the serve, not the send that brought the message") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process process("process", [&] {
    csp::serve(Hosting::assisted, on_receive(numbers, [](std::optional<int>) {
                 throw std::runtime_error("from the handler");
               }));
  });
  support::wait_for_receivers(numbers, 1);
  CHECK(numbers.send(1) == Outcome::ok);
  CHECK_THROWS_WITH(process.join(), "from the handler");
  CHECK(support::nobody_waits(numbers));
}

TEST_CASE("a message that passes through many processes needs no deeper stack for it") {
  constexpr int kProcesses = 200;
  std::vector<Channel<int>> channels;
  for (int i = 0; i <= kProcesses; ++i) channels.push_back(Channel<int>::make("link"));
  const Channel<std::uintptr_t> depth = Channel<std::uintptr_t>::make("depth", kProcesses);
  {
    std::vector<csp::Process> processes;
    for (int i = 0; i < kProcesses; ++i) {
      processes.emplace_back("link", [&, i] {
        csp::serve(Hosting::assisted, on_receive(channels[i], [&, i](std::optional<int> number) {
                     if (!number) return csp::stop;
                     (void)depth.send(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
                     if (i + 1 < kProcesses) (void)channels[i + 1].send(*number);
                     return csp::go_on;
                   }));
      });
      support::wait_for_receivers(channels[i], 1);
    }
    CHECK(channels[0].send(1) == Outcome::ok);
    std::vector<std::uintptr_t> depths;
    while (depth.size() > 0) depths.push_back(*depth.receive());
    CHECK(depths.size() == kProcesses);
    for (const std::uintptr_t one : depths) CHECK(one == depths.front());
    for (const Channel<int>& channel : channels) CHECK(channel.close() == Outcome::ok);
  }
}

TEST_CASE("a handler that waits for what another process is brought gets it") {
  const Channel<int> questions = Channel<int>::make("questions");
  const Channel<int> inner = Channel<int>::make("inner");
  const Channel<int> answers = Channel<int>::make("answers");  // no slot: the inner one waits too
  csp::Process second("second", [&] {
    csp::serve(Hosting::assisted, on_receive(inner, [&](std::optional<int> n) {
                 if (!n) return csp::stop;
                 (void)answers.send(*n + 1);
                 return csp::go_on;
               }));
  });
  csp::Process first("first", [&] {
    csp::serve(Hosting::assisted, on_receive(questions, [&](std::optional<int> n) {
                 if (!n) return csp::stop;
                 CHECK(inner.send(*n) == Outcome::ok);
                 CHECK(answers.receive() == *n + 1);
                 return csp::go_on;
               }));
  });
  for (int i = 0; i < 100; ++i) CHECK(questions.send(i) == Outcome::ok);
  CHECK(questions.close() == Outcome::ok);
  first.join();  // its own thread may have taken the last question, and still need the inner one
  CHECK(inner.close() == Outcome::ok);
}

TEST_CASE("the thread that ran the handlers may end; the process goes on without it") {
  const Told told(Hosting::assisted);
  for (int i = 0; i < 20; ++i) {
    std::thread([&] { CHECK(told.numbers.send(i) == Outcome::ok); }).join();
    CHECK(!told.on_its_own());
  }
}

TEST_CASE("C7: who queues behind a process comes before the process's later rounds") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> c = Channel<int>::make("c");
    const Channel<int> d = Channel<int>::make("d");
    int taken = 0;
    csp::Process process("process", [&] {
      csp::serve(hosting,
                 on_receive(c, [](std::optional<int> n) { return n ? csp::go_on : csp::stop; }),
                 on_receive(d, [&](std::optional<int>) { ++taken; }));
    });
    support::wait_for_receivers(d, 1);
    support::Threads other;
    other.run([&] { CHECK(d.receive() == 7); });
    support::wait_for_receivers(d, 2);
    CHECK(c.send(1) == Outcome::ok);  // a round of the process
    CHECK(csp::wait_for_rest(csp::kNever));
    CHECK(d.send(7) == Outcome::ok);
    other.join();
    CHECK(c.close() == Outcome::ok);
    process.join();
    CHECK(taken == 0);
  }
}

TEST_CASE("C45: a handler may let go of the last handle of a channel that its process waits on") {
  Channel<int> numbers = Channel<int>::make("numbers");
  csp::Receiver<int> served = numbers;
  const Channel<void> quit = Channel<void>::make("quit");
  csp::Process process("process", [&] {
    csp::serve(Hosting::assisted, on_receive(served, [&](std::optional<int>) { served = {}; }),
               on_receive(quit, [](auto) { return csp::stop; }));
  });
  support::wait_for_receivers(numbers, 1);
  CHECK(numbers.send(1) == Outcome::ok);
  numbers = {};
  CHECK(quit.close() == Outcome::ok);
}

TEST_CASE("ASYNCSTREAM_HOSTING is heeded, or there is one warning") {
  const char* const before = std::getenv("ASYNCSTREAM_HOSTING");
  const std::string kept = before ? before : "";
  const auto with = [](const char* setting) {
    setenv("ASYNCSTREAM_HOSTING", setting, 1);
    return support::run_child("default_hosting");
  };
  for (const char* const plain : {"", "assisted", "dedicated"}) {
    const support::ChildResult result = with(plain);
    CHECK(result.end == (std::string(plain) == "dedicated" ? "exit 3" : "exit 0"));
    CHECK(result.errors.empty());
  }
  const support::ChildResult odd = with("Dedicated");
  CHECK(odd.end == "exit 0");
  CHECK(odd.errors.starts_with("warning: ASYNCSTREAM_HOSTING=Dedicated is not understood"));
  CHECK(std::count(odd.errors.begin(), odd.errors.end(), '\n') == 1);
  before ? setenv("ASYNCSTREAM_HOSTING", kept.c_str(), 1) : unsetenv("ASYNCSTREAM_HOSTING");
}

TEST_SUITE_END();
