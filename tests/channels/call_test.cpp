// SPDX-License-Identifier: Apache-2.0
//
// csp::call: a send and then a receive, whoever answers and wherever its handler runs; and what it
// adds to the two: an answer that comes while the request is still being completed.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <memory>
#include <string>
#include <utility>

#include "core.hpp"
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

/// A process that answers each number with its double, on a channel of the given capacity.
class Doubler {
 public:
  Doubler(Hosting hosting, std::size_t capacity)
      : answers(Channel<int>::make("answers", capacity)), process_("doubler", [this, hosting] {
          csp::serve(hosting, on_receive(questions, [this](std::optional<int> number) {
                       if (!number) return csp::stop;
                       (void)answers.send(2 * *number);
                       return csp::go_on;
                     }));
        }) {
    support::wait_for_receivers(questions, 1);
  }
  ~Doubler() { (void)questions.close(); }

  const Channel<int> questions = Channel<int>::make("questions");
  const Channel<int> answers;

 private:
  csp::Process process_;
};

}  // namespace

TEST_SUITE_BEGIN("call");

TEST_CASE("call: each request has its answer, with and without room for it") {
  for (const Hosting hosting : kHostings) {
    for (const std::size_t capacity : {0, 1, 3}) {
      const Doubler doubler(hosting, capacity);
      for (int i = 0; i < 1000; ++i) {
        const csp::Received<int> answer = csp::call(doubler.questions, i, doubler.answers);
        REQUIRE(answer.outcome == Outcome::ok);
        CHECK(answer.value == 2 * i);
      }
      CHECK(doubler.answers.size() == 0);
    }
  }
}

TEST_CASE("call: many clients of one process, each with its own channel of capacity 0") {
  for (const Hosting hosting : kHostings) {
    struct Question {
      int number;
      Channel<int> answers;
    };
    const Channel<Question> questions = Channel<Question>::make("questions");
    csp::Process process("process", [&] {
      csp::serve(hosting, on_receive(questions, [](std::optional<Question> question) {
                   if (!question) return csp::stop;
                   (void)question->answers.send(-question->number);
                   return csp::go_on;
                 }));
    });
    {
      support::Threads clients;
      clients.run_each(4, [&](int me) {
        const Channel<int> answers = Channel<int>::make("answers");
        for (int i = 0; i < 2000; ++i) {
          const int number = 4 * i + me;
          CHECK(csp::call(questions, {number, answers}, answers).value == -number);
        }
      });
    }
    (void)questions.close();
  }
}

TEST_CASE("C6: a value that is in the buffer is received before the answer") {
  for (const Hosting hosting : kHostings) {
    const Doubler doubler(hosting, 2);
    CHECK(doubler.answers.send(7) == Outcome::ok);
    CHECK(csp::call(doubler.questions, 1, doubler.answers).value == 7);
    CHECK(doubler.answers.receive() == 2);
  }
}

TEST_CASE("C7: who waits for a value already gets the first, the caller the next") {
  for (const Hosting hosting : kHostings) {
    const Doubler doubler(hosting, 1);
    std::optional<int> first;
    support::Threads waiting;
    waiting.run([&] { first = doubler.answers.receive(); });
    support::wait_for_receivers(doubler.answers, 1);
    support::Threads calling;
    csp::Received<int> second;
    calling.run([&] { second = csp::call(doubler.questions, 1, doubler.answers); });
    waiting.join();
    CHECK(first == 2);
    support::wait_for_receivers(doubler.answers, 1);
    CHECK(doubler.answers.send(9) == Outcome::ok);
    calling.join();
    CHECK(second.value == 9);
  }
}

TEST_CASE("C7: who waits to send already is received from before the answer") {
  const Channel<int> questions = Channel<int>::make("questions");
  const Channel<int> answers = Channel<int>::make("answers");
  Outcome tried = Outcome::ok;
  csp::Process process("process", [&] {
    csp::serve(Hosting::assisted, on_receive(questions, [&](std::optional<int> number) {
                 if (!number) return csp::stop;
                 tried = answers.try_send(2);
                 return csp::go_on;
               }));
  });
  support::wait_for_receivers(questions, 1);
  support::Threads other;
  other.run([&] { CHECK(answers.send(1) == Outcome::ok); });
  support::wait_for_senders(answers, 1);
  CHECK(csp::call(questions, 0, answers).value == 1);
  CHECK(tried == Outcome::would_block);
  CHECK(questions.close() == Outcome::ok);
}

TEST_CASE("C26: a request is not its own answer, where both go by one channel") {
  const Channel<int> both = Channel<int>::make("both");
  support::Threads calling;
  csp::Received<int> answer;
  calling.run([&] { answer = csp::call(both, 1, both); });
  support::wait_for_senders(both, 1);
  CHECK(both.receive() == 1);
  CHECK(both.send(2) == Outcome::ok);
  calling.join();
  CHECK(answer.value == 2);
}

TEST_CASE(
    "C29: the answer of a call is not held up by a sender that has given up, and is not gone") {
  const Doubler doubler(Hosting::assisted, 0);
  csp::detail::Core& answers = *doubler.answers.core();
  int never = 0;
  csp::detail::Operation given_up;
  csp::detail::Waiter sender{{.channel = &answers, .value = &never, .sends = true}};
  sender.operation = &given_up;
  {
    const csp::detail::Locked locked(answers.lock());
    answers.enqueue(sender);
  }
  CHECK(given_up.claim(csp::detail::Operation::kDeadline));
  CHECK(csp::call(doubler.questions, 4, doubler.answers).value == 8);
  const csp::detail::Locked locked(answers.lock());
  answers.dequeue(sender);
}

TEST_CASE("call: closed requests take nothing, closed answers end it") {
  const Channel<int> requests = Channel<int>::make("requests", 1);
  const Channel<int> answers = Channel<int>::make("answers", 1);
  CHECK(answers.close() == Outcome::ok);
  csp::Received<int> answer = csp::call(requests, 1, answers);
  CHECK(answer.outcome == Outcome::closed);
  CHECK_FALSE(answer.value);
  CHECK(requests.receive() == 1);

  CHECK(requests.close() == Outcome::ok);
  const Channel<int> open = Channel<int>::make("open", 1);
  CHECK(open.send(5) == Outcome::ok);
  answer = csp::call(requests, 2, open);
  CHECK(answer.outcome == Outcome::closed);
  CHECK(open.size() == 1);  // it is not looked for
}

TEST_CASE("C35 C37: the limit is the answer's; and an answer that is there beats it") {
  const Channel<int> requests = Channel<int>::make("requests", 9);
  const Channel<int> answers = Channel<int>::make("answers", 1);
  CHECK(csp::call(requests, 1, answers, csp::Clock::now()).outcome == Outcome::timeout);
  std::stop_source stop;
  stop.request_stop();
  CHECK(csp::call(requests, 2, answers, csp::kNever, stop.get_token()).outcome ==
        Outcome::cancelled);
  CHECK(requests.size() == 2);
  CHECK(answers.send(3) == Outcome::ok);
  CHECK(csp::call(requests, 3, answers, csp::Clock::now(), stop.get_token()).value == 3);
}

TEST_CASE("call: from a handler, of another process, while a caller waits for this one's answer") {
  for (const Hosting hosting : kHostings) {
    const Doubler doubler(hosting, 1);
    const Channel<int> questions = Channel<int>::make("outer questions");
    const Channel<int> answers = Channel<int>::make("outer answers", 1);
    csp::Process outer("outer", [&] {
      csp::serve(hosting, on_receive(questions, [&](std::optional<int> number) {
                   if (!number) return csp::stop;
                   const int doubled =
                       csp::call(doubler.questions, *number, doubler.answers).value.value_or(-1);
                   (void)answers.send(doubled + 1);
                   return csp::go_on;
                 }));
    });
    for (int i = 0; i < 200; ++i) CHECK(csp::call(questions, i, answers).value == 2 * i + 1);
    (void)questions.close();
  }
}

TEST_CASE("call: values that can only be moved, and what is not sent is kept") {
  using Box = std::unique_ptr<int>;
  const Channel<Box> requests = Channel<Box>::make("requests");
  const Channel<Box> answers = Channel<Box>::make("answers");
  csp::Process echo("echo", [&] {
    csp::serve(Hosting::assisted, on_receive(requests, [&](std::optional<Box> box) {
                 if (!box) return csp::stop;
                 (void)answers.send(std::move(*box));
                 return csp::go_on;
               }));
  });
  support::wait_for_receivers(requests, 1);
  const csp::Received<Box> answer = csp::call(requests, std::make_unique<int>(4), answers);
  REQUIRE(answer.value);
  CHECK(**answer.value == 4);
  CHECK(requests.close() == Outcome::ok);
  Box kept = std::make_unique<int>(5);
  CHECK(csp::call(requests, std::move(kept), answers).outcome == Outcome::closed);
  CHECK(kept);  // C13
}

TEST_CASE("call: a trace shows the four events, in their order, however it was carried") {
  for (const Hosting hosting : kHostings) {
    const Doubler doubler(hosting, 1);
    const auto recorder = std::make_shared<csp::MemoryRecorder>();
    std::string events;
    {
      const csp::Attachment trace = csp::attach(recorder);
      csp::Process("caller", [&] {
        (void)csp::call(doubler.questions, 1, doubler.answers);
      }).join();
      for (const csp::Event& event : recorder->take()) {
        events += std::string(event.process.view()) + " " + std::string(to_string(event.op)) + " " +
                  std::string(event.channel.view()) + "\n";
      }
    }
    CHECK(events ==
          "caller send questions\ndoubler recv questions\n"
          "doubler send answers\ncaller recv answers\n");
  }
}

TEST_SUITE_END();
