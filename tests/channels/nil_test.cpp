// SPDX-License-Identifier: Apache-2.0
//
// Nil handles and disabled cases: C20 to C22. A nil channel is never ready, so it serves to switch
// a select's case off. A call that blocks for ever is observed from outside: a child program starts
// the call on a thread and waits until the kernel reports that thread asleep.
#include <doctest/doctest.h>

#include <array>
#include <csp/csp.hpp>
#include <cstdlib>
#include <functional>

#include "support/child.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

int blocks(const std::function<void()>& call) {
  csp::Process blocked("blocked", [&] {
    call();
    std::_Exit(1);  // it returned
  });
  support::wait_until_blocked();
  std::_Exit(0);
}

const support::ChildProgram kSend("nil_send",
                                  [] { return blocks([] { (void)Channel<int>().send(1); }); });
const support::ChildProgram kReceive("nil_receive",
                                     [] { return blocks([] { Channel<int>().receive(); }); });
const support::ChildProgram kSelect("nil_select", [] {
  return blocks([] {
    const Channel<int> nil;
    const Channel<int> open = Channel<int>::make("open", 1);
    csp::select(csp::on_receive(nil), csp::on_send(nil, 1),
                csp::when(false, csp::on_send(open, 1)));
  });
});
const support::ChildProgram kEmpty("empty_select", [] { return blocks([] { csp::select(); }); });
const support::ChildProgram kRange("nil_range", [] {
  return blocks([] {
    for (int value : Channel<int>()) std::_Exit(2 + value);
  });
});

}  // namespace

TEST_SUITE_BEGIN("nil");

TEST_CASE("C20: blocking calls on a nil channel block for ever") {
  CHECK(support::run_child("nil_send").end == "exit 0");
  CHECK(support::run_child("nil_receive").end == "exit 0");
  CHECK(support::run_child("nil_range").end == "exit 0");
}

TEST_CASE("C20: the other forms on a nil channel return the reason why they ended") {
  const Channel<int> nil;
  std::stop_source stop;
  CHECK(nil.try_send(1) == Outcome::would_block);
  CHECK(nil.try_receive().outcome == Outcome::would_block);
  CHECK(nil.send_for(1, 1ms) == Outcome::timeout);
  CHECK(nil.receive_for(1ms).outcome == Outcome::timeout);
  CHECK(nil.send_until(1, csp::Clock::now()) == Outcome::timeout);
  CHECK(nil.receive_until(csp::Clock::now()).outcome == Outcome::timeout);
  support::Threads threads;
  threads.run([&] { CHECK(nil.send(1, stop.get_token()) == Outcome::cancelled); });
  threads.run([&] { CHECK(nil.receive(stop.get_token()).outcome == Outcome::cancelled); });
  stop.request_stop();
}

TEST_CASE("C20: a moved-from handle is nil") {
  Channel<int> c = Channel<int>::make("c", 1);
  const Channel<int> taken = std::move(c);
  CHECK(taken.try_send(1) == Outcome::ok);
  CHECK(c.try_send(1) == Outcome::would_block);  // NOLINT: the state after the move is the point
  CHECK(c.name() == "nil");
}

TEST_CASE("C21: nil and disabled cases never fire, whatever other cases there are") {
  const Channel<int> nil;
  const Channel<int> ready = Channel<int>::make("ready", 1);
  for (int i = 0; i < 1000; ++i) {
    CHECK(ready.send(int{i}) == Outcome::ok);
    const std::size_t happened =
        csp::select(csp::on_receive(nil), csp::when(false, csp::on_receive(ready)),
                    csp::on_send(nil, 1), csp::on_receive(ready),
                    csp::when(false, csp::otherwise()), csp::when(false, csp::after(0s)));
    CHECK(happened == 3);
  }
}

TEST_CASE("C21: a closed channel in a disabled case does not fire") {
  const Channel<int> closed = Channel<int>::make("closed");
  CHECK(closed.close() == Outcome::ok);
  CHECK(csp::select(csp::when(false, csp::on_receive(closed)),
                    csp::when(false, csp::on_send(closed, 1)), csp::otherwise()) == 2);
}

TEST_CASE("C21: disabled cases do not change the chances of the others") {
  const Channel<int> nil;
  const Channel<int> a = Channel<int>::make("a", 1);
  const Channel<int> b = Channel<int>::make("b", 1);
  const std::size_t rounds = support::scaled(80000);
  std::array<std::size_t, 6> count{};
  CHECK(a.send(1) == Outcome::ok);
  CHECK(b.send(1) == Outcome::ok);
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::size_t happened =
        csp::select(csp::on_receive(nil), csp::on_receive(a), csp::on_receive(nil),
                    csp::when(false, csp::on_receive(a)), csp::on_send(nil, 1), csp::on_receive(b));
    ++count[happened];
    CHECK((happened == 1 ? a : b).send(1) == Outcome::ok);
  }
  CHECK(count[1] + count[5] == rounds);
  CHECK(double(count[1]) / double(rounds) == doctest::Approx(0.5).epsilon(0.1));
}

TEST_CASE("C21: serve may switch a case on and off in each round, by predicate or by nil") {
  const Channel<int> source = Channel<int>::make("source", 10);
  for (int i = 0; i < 10; ++i) CHECK(source.send(int{i}) == Outcome::ok);
  Channel<int> by_nil = source;
  bool allowed = true;
  int by_predicate = 0;
  int by_variable = 0;
  csp::serve(csp::when([&] { return allowed; }, csp::on_receive(source,
                                                                [&](std::optional<int>) {
                                                                  allowed = false;
                                                                  by_nil = source;
                                                                  ++by_predicate;
                                                                })),
             csp::on_receive(by_nil,
                             [&](std::optional<int>) {
                               by_nil = {};
                               allowed = true;
                               ++by_variable;
                             }),
             csp::otherwise([&] { return csp::stop; }));
  CHECK(by_predicate + by_variable == 10);
  CHECK(by_predicate >= 4);
  CHECK(by_variable >= 4);
}

TEST_CASE("C22: a select with nothing enabled blocks for ever") {
  CHECK(support::run_child("empty_select").end == "exit 0");
  CHECK(support::run_child("nil_select").end == "exit 0");
}

TEST_CASE("C22: with no enabled channel, otherwise, after or on_stop happens") {
  const Channel<int> nil;
  std::stop_source stop;
  stop.request_stop();
  CHECK(csp::select(csp::on_receive(nil), csp::otherwise()) == 1);
  CHECK(csp::select(csp::otherwise()) == 0);
  CHECK(csp::select(csp::on_receive(nil), csp::after(1ms)) == 1);
  CHECK(csp::select(csp::after(1ms)) == 0);
  CHECK(csp::select(csp::until(csp::Clock::now() + 1ms)) == 0);
  CHECK(csp::select(csp::on_receive(nil), csp::on_stop(stop.get_token())) == 1);
  CHECK(csp::select(csp::on_stop(stop.get_token())) == 0);
  CHECK(csp::select(csp::after(1h), csp::after(1ms)) == 1);
}

TEST_SUITE_END();
