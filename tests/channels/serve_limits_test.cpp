// SPDX-License-Identifier: Apache-2.0
//
// What ends the wait of a csp::serve that others carry: a stop request, and a deadline, which are
// the own thread's to find.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <thread>

#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using namespace std::chrono_literals;

}  // namespace

TEST_SUITE_BEGIN("serve_limits");

TEST_CASE("C37: a stop requested while the process is carried, or parked, ends it") {
  for (const bool carried : {true, false}) {
    std::stop_source stop;
    const Channel<int> numbers = Channel<int>::make("numbers");
    const Channel<void> begun = Channel<void>::make("begun");
    const Channel<void> gate = Channel<void>::make("gate");
    csp::Process process("process", [&] {
      csp::serve(Hosting::assisted,
                 on_receive(numbers,
                            [&](std::optional<int>) {
                              (void)begun.send();
                              (void)gate.receive();
                            }),
                 csp::on_stop(stop.get_token(), [] { return csp::stop; }));
    });
    support::wait_for_receivers(numbers, 1);
    support::Threads bringer;
    if (carried) {
      bringer.run([&] { CHECK(numbers.send(1) == Outcome::ok); });
      (void)begun.receive();
    }
    stop.request_stop();
    if (carried) CHECK(gate.send() == Outcome::ok);
    process.join();
    CHECK(support::nobody_waits(numbers));
  }
}

TEST_CASE("C35: a deadline falls due on the own thread, counted from each round, carried or not") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  std::thread::id own;
  std::thread::id at_deadline;
  csp::Process process("process", [&] {
    own = std::this_thread::get_id();
    csp::serve(Hosting::assisted, on_receive(numbers), csp::after(20ms, [&] {
                 at_deadline = std::this_thread::get_id();
                 return csp::stop;
               }));
  });
  // As long as it goes on; each of these that comes in time begins the time anew.
  for (int i = 0; i < 50; ++i) {
    if (numbers.send_for(int{i}, 1ms) != Outcome::ok) break;
  }
  process.join();
  CHECK(at_deadline == own);
  CHECK(support::nobody_waits(numbers));
}

TEST_CASE("C35: a carried round may bring the deadline forward, and the own thread is told") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  bool timed = false;
  csp::Process process("process", [&] {
    csp::serve(Hosting::assisted, on_receive(numbers, [&](std::optional<int>) { timed = true; }),
               csp::when([&] { return timed; }, csp::after(1ms, [] { return csp::stop; })));
  });
  support::wait_for_receivers(numbers, 1);  // without a limit
  CHECK(numbers.send(1) == Outcome::ok);
  process.join();
}

TEST_SUITE_END();
