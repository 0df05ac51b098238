// SPDX-License-Identifier: Apache-2.0
//
// A served process that a handler has brought a message runs when the handler is done, on the same
// thread; but if the handler waits it may be for just that process, so it is left to its own thread
// before, whatever the handler waits in.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <csp/csp.hpp>
#include <csp/waiting.hpp>
#include <optional>
#include <stop_token>
#include <utility>

#include "support/hostings.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using support::kHostings;

/// Sends back what it is sent, until its channel is closed.
class Echo {
 public:
  explicit Echo(Hosting hosting)
      : process_("echo", [this, hosting] {
          csp::serve(hosting, on_receive(there, [this](std::optional<int> number) {
                       if (!number) return csp::stop;
                       CHECK(back.send(int{*number}) == Outcome::ok);
                       return csp::go_on;
                     }));
        }) {
    support::wait_for_receivers(there, 1);
  }
  ~Echo() { (void)there.close(); }

  const Channel<int> there = Channel<int>::make("there");
  const Channel<int> back = Channel<int>::make("back");

 private:
  csp::Process process_;
};

/// A process that is sent one message, and does this with it.
template <class F>
void handle_one(Hosting hosting, F handler) {
  const Channel<int> requests = Channel<int>::make("requests");
  csp::Process process("process", [&] {
    csp::serve(hosting, on_receive(requests, [&](std::optional<int>) {
                 handler();
                 return csp::stop;
               }));
  });
  support::wait_for_receivers(requests, 1);
  CHECK(requests.send(1) == Outcome::ok);
}

}  // namespace

TEST_SUITE_BEGIN("serve_brought");

TEST_CASE("serve: a handler that joins a process waits for nobody whom it has brought a message") {
  for (const Hosting hosting : kHostings) {
    const Echo echo(hosting);
    handle_one(hosting, [&] {
      CHECK(echo.there.send(7) == Outcome::ok);
      csp::Process("reader", [&] { CHECK(echo.back.receive() == 7); }).join();
    });
  }
}

TEST_CASE("serve: a handler that serves, too, waits for nobody whom it has brought a message") {
  for (const Hosting hosting : kHostings) {
    for (const Hosting inner : kHostings) {
      const Echo echo(hosting);
      handle_one(hosting, [&] {
        CHECK(echo.there.send(7) == Outcome::ok);
        csp::serve(inner, on_receive(echo.back, [](std::optional<int> number) {
                     CHECK(number == 7);
                     return csp::stop;
                   }));
      });
    }
  }
}

/// A process that is brought one message, and then says so.
class Noting {
 public:
  explicit Noting(Hosting hosting)
      : process_("noting", [this, hosting] {
          csp::serve(hosting, on_receive(there, [this](std::optional<int>) {
                       noted = true;
                       return csp::stop;
                     }));
        }) {
    support::wait_for_receivers(there, 1);
  }

  const Channel<int> there = Channel<int>::make("there");
  std::atomic<bool> noted{false};

 private:
  csp::Process process_;
};

TEST_CASE("serve: nor one whose serve, dedicated, always finds something ready") {
  for (const Hosting hosting : kHostings) {
    const Noting noting(hosting);
    const Channel<int> ticks = Channel<int>::make("ticks", 1);
    CHECK(ticks.send(0) == Outcome::ok);
    handle_one(hosting, [&] {
      CHECK(noting.there.send(7) == Outcome::ok);
      csp::serve(Hosting::dedicated, on_receive(ticks, [&](std::optional<int> tick) {
                   CHECK(ticks.send(std::move(*tick)) == Outcome::ok);
                   return noting.noted ? csp::stop : csp::go_on;
                 }));
    });
  }
}

TEST_CASE("serve: nor one that tries to receive, again and again, though it was stopped") {
  for (const Hosting hosting : kHostings) {
    const Noting noting(hosting);
    const Channel<int> nothing = Channel<int>::make("nothing");
    handle_one(hosting, [&] {
      CHECK(noting.there.send(7) == Outcome::ok);
      std::stop_source stop;
      stop.request_stop();
      while (!noting.noted) {
        CHECK(nothing.receive(stop.get_token()).outcome == Outcome::cancelled);
      }
    });
  }
}

// Who asks has the processes for a moment, and what has come to one of them meanwhile is his to
// handle: that may need another one.
TEST_CASE("serve: who asks who waits holds nobody up, where one process needs another") {
  for (const Hosting hosting : kHostings) {
    const Echo before(hosting);
    const Channel<int> requests = Channel<int>::make("requests");
    std::optional<Echo> after;
    csp::Process process("process", [&] {
      csp::serve(hosting, on_receive(requests, [&](std::optional<int> number) {
                   if (!number) return csp::stop;
                   for (const Echo* const echo : {&before, &std::as_const(*after)}) {
                     CHECK(csp::call(echo->there, int{*number}, echo->back).value == *number);
                   }
                   return csp::go_on;
                 }));
    });
    support::wait_for_receivers(requests, 1);
    after.emplace(hosting);
    std::atomic<bool> done{false};
    support::Threads threads;
    threads.run([&] {
      for (int i = 0; i < int(support::scaled(20'000)); ++i) {
        // Timed, so that it queues at once, where the process is busy.
        CHECK(requests.send_for(int{i}, std::chrono::hours(1)) == Outcome::ok);
      }
      CHECK(requests.close() == Outcome::ok);
      done = true;
    });
    while (!done) CHECK(csp::waiting().processes > 0);
  }
}

TEST_SUITE_END();
