// SPDX-License-Identifier: Apache-2.0
//
// Who waits for what: the report that explains a hang, and the detection of rest that tools and
// tests order their steps by.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csp/csp.hpp>
#include <csp/waiting.hpp>

namespace {

using csp::Channel;
using namespace std::chrono_literals;

const auto kNever = std::chrono::steady_clock::time_point::max();

TEST_CASE(
    "rest: a process that is parked, while its thread runs another's handler, is one process") {
  for (const csp::Hosting hosting : {csp::Hosting::assisted, csp::Hosting::dedicated}) {
    const Channel<void> start = Channel<void>::make("start");
    const Channel<void> brought = Channel<void>::make("brought");
    const Channel<void> hold = Channel<void>::make("hold");
    const auto flow = [](const std::optional<csp::Token>& token) {
      return token ? csp::go_on : csp::stop;
    };
    csp::Process waits("waits", [&] {
      csp::serve(hosting, csp::on_receive(brought, [&](std::optional<csp::Token> token) {
                   if (token) (void)hold.receive();
                   return flow(token);
                 }));
    });
    csp::Process brings("brings", [&] {
      csp::serve(hosting, csp::on_receive(start, [&](std::optional<csp::Token> token) {
                   if (token) (void)brought.send();
                   return flow(token);
                 }));
    });
    CHECK(csp::wait_for_rest(kNever));
    {
      const csp::never_carry here;  // so that it is done on the own thread
      CHECK(start.send() == csp::Outcome::ok);
    }
    CHECK(csp::wait_for_rest(kNever));
    const csp::WaitingReport report = csp::waiting();
    CHECK(report.processes == 2);
    CHECK(report.all_asleep);
    CHECK(hold.send() == csp::Outcome::ok);
    CHECK(start.close() == csp::Outcome::ok);
    CHECK(brought.close() == csp::Outcome::ok);
  }
}

TEST_CASE("C45: waiting, while channels are dropped as soon as their last value is received") {
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

TEST_CASE("waiting: a report names each process and all its cases") {
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b");
  csp::Process selecting("selecting", [&] {
    csp::select(csp::on_receive(a), csp::on_send(b, 1), csp::on_receive(Channel<int>()));
  });
  CHECK(csp::wait_for_rest(kNever));
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
  // A token goes round a ring of processes; rest may be seen only when it has come to its end.
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
    CHECK(csp::wait_for_rest(kNever));
    CHECK(done.try_receive().value == round);  // it is there, without waiting
  }
  for (const Channel<int>& channel : ring) CHECK(channel.close() == csp::Outcome::ok);
}

TEST_CASE("waiting: a process that never rests is told by the deadline") {
  const Channel<void> stop = Channel<void>::make("");
  csp::Process busy("busy", [&] {
    while (stop.try_receive().outcome == csp::Outcome::would_block) {
    }
  });
  CHECK_FALSE(csp::wait_for_rest(std::chrono::steady_clock::now() + 1ms));
  CHECK_FALSE(csp::waiting().all_asleep);
  CHECK(stop.close() == csp::Outcome::ok);
  busy.join();
  CHECK(csp::wait_for_rest(kNever));  // nobody is left
}

}  // namespace
