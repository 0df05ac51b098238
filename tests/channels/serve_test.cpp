// SPDX-License-Identifier: Apache-2.0
//
// csp::serve, a loop over one select: which thread runs its handlers, what ends it, and what it
// does with a closed channel. select_handlers_test.cpp tests what a handler may do.
#include <doctest/doctest.h>

#include <any>
#include <csp/csp.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;

TEST_CASE("serve: handlers run on the serving thread, and the sender does not wait for them") {
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<void> go_on = Channel<void>::make("go_on");
  const std::thread::id sender = std::this_thread::get_id();
  csp::Process process("process", [&] {
    csp::serve(on_receive(
        numbers,
        [&](int) {
          CHECK(std::this_thread::get_id() != sender);
          (void)go_on.receive();
        },
        [] { return csp::stop; }));
  });
  CHECK(numbers.send(1) == Outcome::ok);  // returns while the handler waits for this thread
  CHECK(go_on.send() == Outcome::ok);
  numbers.close();
}

TEST_CASE("serve: ten sends into a free buffer of 100 do not wait for a handler") {
  const Channel<int> numbers = Channel<int>::make("numbers", 100);
  const Channel<void> go_on = Channel<void>::make("go_on");
  csp::Process process("process", [&] {
    csp::serve(on_receive(
        numbers, [&](int) { (void)go_on.receive(); }, [] { return csp::stop; }));
  });
  for (int i = 0; i < 10; ++i) CHECK(numbers.send(i) == Outcome::ok);
  go_on.close();
  numbers.close();
}

TEST_CASE("serve: a handler may wait for the sender of its message") {
  const Channel<int> questions = Channel<int>::make("questions");
  const Channel<int> answers = Channel<int>::make("answers");  // no slot: the handler waits
  csp::Process process("process", [&] {
    csp::serve(on_receive(
        questions, [&](int n) { CHECK(answers.send(n + 1) == Outcome::ok); },
        [] { return csp::stop; }));
  });
  for (int i = 0; i < 100; ++i) {
    CHECK(questions.send(i) == Outcome::ok);
    CHECK(answers.receive() == i + 1);
  }
  questions.close();
}

TEST_CASE("serve: an exception of a handler leaves serve") {
  const Channel<int> numbers = Channel<int>::make("numbers", 1);
  csp::Process process("process", [&] {
    csp::serve(on_receive(numbers, [](int) { throw std::runtime_error("from the handler"); }));
  });
  CHECK(numbers.send(1) == Outcome::ok);
  CHECK_THROWS_WITH(process.join(), "from the handler");
  CHECK(support::nobody_waits(numbers));
}

// A case that finds its channel closed would be ready for ever, and each of these would spin.
TEST_CASE("serve: a case with no closed handler is disabled when its channel is closed") {
  const Channel<int> closed = Channel<int>::make("closed");
  const Channel<int> to = Channel<int>::make("to");
  const Channel<void> quit = Channel<void>::make("quit");
  closed.close();
  to.close();
  int with_optional = 0;
  int of_value = 0;
  int told = 0;
  int sends = 0;
  std::optional<int> into = 5;
  csp::Process process("process", [&] {
    csp::serve(on_receive(closed, [&](std::optional<int>) { ++with_optional; }),
               on_receive(closed, [&](int) { ++of_value; }),
               on_receive(
                   closed, [&](int) { ++of_value; }, [&] { ++told; }),
               on_receive(closed, into), on_receive(closed), on_send(to, 1),
               on_send(to, 1, [&](Outcome) { ++sends; }),
               on_receive(quit, [](auto) { return csp::stop; }));
  });
  support::wait_for_receivers(quit, 1);  // so all others are disabled
  CHECK(quit.send() == Outcome::ok);
  process.join();
  CHECK(with_optional == 1);
  CHECK(of_value == 0);
  CHECK(told == 1);
  CHECK(sends == 1);
  CHECK(into == std::nullopt);
}

TEST_CASE("serve: a disabled case works again with another channel in its variable") {
  Channel<int> numbers = Channel<int>::make("first");
  const Channel<int> second = Channel<int>::make("second", 1);
  numbers.close();
  CHECK(second.send(7) == Outcome::ok);
  int got = 0;
  csp::serve(on_receive(
                 numbers, [&](int n) { got = n; }, [&] { numbers = second; }),
             csp::when([&] { return got != 0; }, csp::otherwise([] { return csp::stop; })));
  CHECK(got == 7);
}

TEST_CASE("serve: a closed handler that returns csp::stop ends serve") {
  const Channel<int> numbers = Channel<int>::make("numbers", 3);
  for (int i = 1; i <= 3; ++i) CHECK(numbers.send(i) == Outcome::ok);
  numbers.close();
  int sum = 0;
  csp::serve(on_receive(
      numbers, [&](int n) { sum += n; }, [] { return csp::stop; }));
  CHECK(sum == 6);
}

TEST_CASE(
    "serve: a received value is destroyed when its handler ends, even if the case is disabled") {
  const Channel<std::shared_ptr<int>> jobs = Channel<std::shared_ptr<int>>::make(2);
  for (int i : {1, 2}) CHECK(jobs.send(std::make_shared<int>(i)) == Outcome::ok);
  jobs.close();
  std::weak_ptr<int> running;  // what enables the case is the end of the previous job
  int done = 0;
  csp::serve(csp::when([&] { return running.expired(); }, on_receive(
                                                              jobs,
                                                              [&](const std::shared_ptr<int>& job) {
                                                                running = job;
                                                                ++done;
                                                              },
                                                              [] { return csp::stop; })));
  CHECK(done == 2);
}

TEST_CASE("serve: a case that receives into an optional also calls its closed handler") {
  const Channel<int> c = Channel<int>::make(1);
  CHECK(c.send(1) == Outcome::ok);
  c.close();
  std::optional<int> value;
  csp::select(on_receive(c, value));
  CHECK(value == 1);
  csp::serve(on_receive(c, value, [] { return csp::stop; }));
  CHECK(value == std::nullopt);
}

TEST_CASE("serve: an element type that anything converts to is handed over as itself") {
  const Channel<std::any> c = Channel<std::any>::make(1);
  CHECK(c.send(std::any(42)) == Outcome::ok);
  c.close();
  int calls = 0;
  const auto handler = [&](std::any value) {
    ++calls;
    CHECK(std::any_cast<int>(value) == 42);
  };
  csp::select(on_receive(c, handler));
  csp::select(on_receive(c, handler));  // closed: the handler is not called
  CHECK(calls == 1);
}

TEST_CASE("C45: a handler may drop the last handle of a channel that its process waits on") {
  Channel<int> numbers = Channel<int>::make("numbers");
  csp::Receiver<int> served = numbers;
  const Channel<void> quit = Channel<void>::make("quit");
  csp::Process process("process", [&] {
    csp::serve(on_receive(served, [&](int) { served = {}; }),
               on_receive(quit, [](auto) { return csp::stop; }));
  });
  support::wait_for_receivers(numbers, 1);
  CHECK(numbers.send(1) == Outcome::ok);
  numbers = {};
  quit.close();
}

}  // namespace
