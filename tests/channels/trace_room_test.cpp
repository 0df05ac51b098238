// SPDX-License-Identifier: Apache-2.0
//
// A trace that is full lets its processes wait for room (Overflow::block), and the drainer waits
// for every number that was taken. So no thread may wait while numbers of others are in its
// keeping: the answer of a call beneath the handler that it runs, or the message that it has
// brought to another process. A trace with room for one message, sent and received, shows it at
// once.
#include <doctest/doctest.h>

#include <chrono>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <csp/waiting.hpp>
#include <memory>
#include <string>
#include <vector>

#include "support/hostings.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Event;
using csp::Hosting;
using csp::Op;
using csp::Outcome;
using support::kHostings;

/// A trace with room for so many events.
class Narrow {
 public:
  explicit Narrow(std::size_t capacity = 2)
      : attachment_(csp::attach(recorder_, {.capacity = capacity})) {}
  std::vector<Event> take() const { return recorder_->take(); }

 private:
  const std::shared_ptr<csp::MemoryRecorder> recorder_ = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment attachment_;
};

/// Which events these are, in their order: "process op channel".
std::vector<std::string> told(const std::vector<Event>& events, std::string_view channel) {
  std::vector<std::string> lines;
  for (const Event& event : events) {
    if (event.channel.view() != channel) continue;
    lines.push_back(std::string(event.process.view()) + ' ' + std::string(to_string(event.op)));
  }
  return lines;
}

void check_complete(const std::vector<Event>& events, std::size_t count) {
  CHECK(events.size() == count);
  for (std::size_t i = 1; i < events.size(); ++i) {
    CHECK(events[i].sequence == events[i - 1].sequence + 1);
  }
}

const std::vector<std::string> kAnswered{"server send", "client recv"};

}  // namespace

TEST_CASE(
    "trace: a handler that has answered a call may tell of more than the trace has room for") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> requests = Channel<int>::make("requests");
    const Channel<int> answers = Channel<int>::make("answers", 1);
    const Channel<int> log = Channel<int>::make("log", 3);
    csp::Process server("server", [&] {
      csp::serve(hosting, csp::on_receive(requests, [&](std::optional<int>) {
                   CHECK(answers.send(1) == Outcome::ok);
                   for (int i = 0; i < 3; ++i) CHECK(log.send(i) == Outcome::ok);
                   return csp::stop;
                 }));
    });
    support::wait_for_receivers(requests, 1);
    const Narrow trace;
    csp::Process("client", [&] { CHECK(csp::call(requests, 1, answers).value == 1); }).join();
    server.join();
    const std::vector<Event> events = trace.take();
    check_complete(events, 7);
    CHECK(told(events, "answers") == kAnswered);
  }
}

TEST_CASE(
    "trace: a handler that has answered a call may wait for who waits for room in the trace") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> requests = Channel<int>::make("requests");
    const Channel<int> answers = Channel<int>::make("answers", 1);
    const Channel<int> go = Channel<int>::make("go", 1);
    const Channel<int> log = Channel<int>::make("log", 3);
    const Channel<int> through = Channel<int>::make("through");
    csp::Process other("other", [&] {
      CHECK(go.receive() == 1);
      for (int i = 0; i < 3; ++i) CHECK(log.send(i) == Outcome::ok);
      CHECK(through.receive() == 1);
    });
    csp::Process server("server", [&] {
      csp::serve(hosting, csp::on_receive(requests, [&](std::optional<int>) {
                   CHECK(answers.send(1) == Outcome::ok);
                   CHECK(go.send(1) == Outcome::ok);
                   CHECK(through.send(1) == Outcome::ok);
                   return csp::stop;
                 }));
    });
    support::wait_for_receivers(requests, 1);
    const Narrow trace;
    csp::Process("client", [&] { CHECK(csp::call(requests, 1, answers).value == 1); }).join();
    server.join();
    other.join();
    const std::vector<Event> events = trace.take();
    check_complete(events, 11);
    CHECK(told(events, "answers") == kAnswered);
  }
}

TEST_CASE("trace: a handler that has brought a message to another process may tell of more") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> requests = Channel<int>::make("requests");
    const Channel<int> further = Channel<int>::make("further");
    const Channel<int> log = Channel<int>::make("log", 3);
    csp::Process next("next", [&] {
      csp::serve(hosting, csp::on_receive(further, [](std::optional<int>) { return csp::stop; }));
    });
    csp::Process server("server", [&] {
      csp::serve(hosting, csp::on_receive(requests, [&](std::optional<int>) {
                   CHECK(further.send(1) == Outcome::ok);
                   for (int i = 0; i < 3; ++i) CHECK(log.send(i) == Outcome::ok);
                   return csp::stop;
                 }));
    });
    support::wait_for_receivers(requests, 1);
    support::wait_for_receivers(further, 1);
    const Narrow trace;
    csp::Process("client", [&] { CHECK(requests.send(1) == Outcome::ok); }).join();
    server.join();
    next.join();
    check_complete(trace.take(), 7);
  }
}

TEST_CASE(
    "trace: the thread of a process that runs another has told of what is brought to its own") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> requests = Channel<int>::make("requests");
    const Channel<int> further = Channel<int>::make("further");
    const Channel<int> log = Channel<int>::make("log", 10);
    const Channel<void> entered = Channel<void>::make("");
    const Channel<void> go = Channel<void>::make("");
    csp::Process next("next", [&] {
      csp::serve(hosting, csp::on_receive(further, [&](std::optional<int>) {
                   CHECK(entered.send() == Outcome::ok);
                   CHECK(go.receive());
                   for (int i = 0; i < 10; ++i) CHECK(log.send(i) == Outcome::ok);
                   return csp::stop;
                 }));
    });
    csp::Process server("server", [&] {
      csp::serve(hosting, csp::on_receive(requests, [&](std::optional<int> last) {
                   if (*last == 1) return csp::stop;
                   CHECK(further.send(1) == Outcome::ok);
                   return csp::go_on;
                 }));
    });
    support::wait_for_receivers(requests, 1);
    support::wait_for_receivers(further, 1);
    const Narrow trace(6);
    // Timed, so that each is left to the server's own thread.
    CHECK(requests.send_for(0, std::chrono::hours(1)) == Outcome::ok);
    CHECK(entered.receive());
    support::wait_for_receivers(requests, 1);
    CHECK(requests.send_for(1, std::chrono::hours(1)) == Outcome::ok);
    CHECK(go.send() == Outcome::ok);
    next.join();
    server.join();
    check_complete(trace.take(), 16);
  }
}

TEST_CASE("trace: a handler that has brought a message may flush the trace, and attach to it") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> requests = Channel<int>::make("requests");
    const Channel<int> further = Channel<int>::make("further");
    csp::Process next("next", [&] {
      csp::serve(hosting, csp::on_receive(further, [](std::optional<int>) { return csp::stop; }));
    });
    csp::Process server("server", [&] {
      csp::serve(hosting, csp::on_receive(requests, [&](std::optional<int>) {
                   CHECK(further.send(1) == Outcome::ok);
                   csp::flush_trace();
                   const csp::Attachment more =
                       csp::attach(std::make_shared<csp::MemoryRecorder>());
                   return csp::stop;
                 }));
    });
    support::wait_for_receivers(requests, 1);
    support::wait_for_receivers(further, 1);
    const Narrow trace(6);
    CHECK(requests.send(1) == Outcome::ok);
    server.join();
    next.join();
    check_complete(trace.take(), 4);
  }
}

// A carrier runs so many rounds and then leaves the process to its own thread, after a look that
// may have made something happen.
TEST_CASE("trace: an answer is told of in whichever round it is given") {
  for (const Hosting hosting : kHostings) {
    for (int rounds = 60; rounds < 68; ++rounds) {
      CAPTURE(rounds);
      const Channel<int> requests = Channel<int>::make("requests");
      const Channel<int> answers = Channel<int>::make("answers");
      const Channel<int> work = Channel<int>::make("", 100);
      for (int i = 0; i < rounds; ++i) CHECK(work.send(i) == Outcome::ok);
      bool asked = false;
      int left = rounds;
      csp::Process server("server", [&] {
        csp::serve(hosting, csp::on_receive(requests, [&](std::optional<int>) { asked = true; }),
                   csp::when([&] { return asked && left > 0; },
                             csp::on_receive(work, [&](std::optional<int>) { --left; })),
                   csp::when([&] { return asked && left == 0; },
                             csp::on_send(answers, left, [](Outcome) { return csp::stop; })));
      });
      support::wait_for_receivers(requests, 1);
      const Narrow trace;
      csp::Process("client", [&] { CHECK(csp::call(requests, 1, answers).value == 0); }).join();
      server.join();
      const std::vector<Event> events = trace.take();
      check_complete(events, 4);
      CHECK(told(events, "answers") == kAnswered);
    }
  }
}

TEST_CASE(
    "trace: who waits for room, a flush or an attachment leaves whom he has brought a message") {
  // The recorder brings one to the same process, and nobody is recorded before it is done.
  struct Bringing : csp::Recorder {
    explicit Bringing(Channel<void> channel) : to(std::move(channel)) {}
    void record(const Event&) override { CHECK(to.send() == Outcome::ok); }
    const Channel<void> to;
  };
  enum class For { room, flush, attachment };
  for (const Hosting hosting : kHostings) {
    for (const For what : {For::room, For::flush, For::attachment}) {
      const Channel<void> to = Channel<void>::make("");
      const Channel<void> begin = Channel<void>::make("");
      const Channel<int> work = Channel<int>::make("work", 20);
      const auto flow = [](bool more) { return more ? csp::go_on : csp::stop; };
      csp::Process told("told", [&] {
        csp::serve(hosting,
                   csp::on_receive(to, [&](auto token) { return flow(token.has_value()); }));
      });
      csp::Process waits("waits", [&] {
        csp::serve(hosting, csp::on_receive(begin, [&](auto token) {
                     if (!token) return csp::stop;
                     CHECK(to.send() == Outcome::ok);
                     for (int i = 0; i < (what == For::room ? 20 : 1); ++i) {
                       CHECK(work.send(int{i}) == Outcome::ok);
                     }
                     if (what == For::flush) csp::flush_trace();
                     if (what == For::attachment) const Narrow more(100);
                     return csp::go_on;
                   }));
      });
      CHECK(csp::wait_for_rest(csp::kNever));
      {
        const csp::Attachment trace = csp::attach(std::make_shared<Bringing>(to),
                                                  {.capacity = what == For::room ? 4U : 100U});
        CHECK(begin.send() == Outcome::ok);
      }
      CHECK(begin.close() == Outcome::ok);
      waits.join();
      CHECK(to.close() == Outcome::ok);
    }
  }
}
