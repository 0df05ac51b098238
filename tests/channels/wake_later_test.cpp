// SPDX-License-Identifier: Apache-2.0
//
// csp::wake_later: those whom a handler makes ready are woken when its round is over, whatever ends
// that, and before the thread waits for anything of ours; and at once where it would not help.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <csp/waiting.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "late_wakes.hpp"
#include "server.hpp"
#include "support/hostings.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Hosting;
using csp::on_receive;
using csp::Outcome;
using csp::detail::carrier;
using support::kHostings;

/// Processes that each receive one number, are asleep by the time the constructor returns, and
/// count themselves; the destructor waits for all of them.
class Sleepers {
 public:
  explicit Sleepers(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      threads_.run([this, channel = channels_.emplace_back(Channel<int>::make("sleeper"))] {
        CHECK(channel.receive() == 7);
        ++woken_;
        woken_.notify_all();
      });
    }
    CHECK(csp::wait_for_rest(csp::kNever));
  }

  void send_to_all() const {
    for (const Channel<int>& channel : channels_) CHECK(channel.send(7) == Outcome::ok);
  }
  /// Not by channels.
  void wait_for_all() {
    for (std::size_t seen; (seen = woken_.load()) < channels_.size();) woken_.wait(seen);
  }

 private:
  std::vector<Channel<int>> channels_;
  std::atomic<std::size_t> woken_{0};
  support::Threads threads_;
};

/// A thread of the standard library, which csp does not know when it is joined; asleep in a receive
/// by the time this returns, and stopped by its destructor.
std::jthread receiver(const Channel<int>& channel) {
  std::jthread thread([channel](std::stop_token stop) { (void)channel.receive(stop); });
  support::wait_until([&] {
    const csp::WaitingReport report = csp::waiting();
    return std::ranges::any_of(report.waiting, [&](const csp::WaitingProcess& each) {
      return each.cases == std::vector<std::string>{"recv " + std::string(channel.name())};
    });
  });
  return thread;
}

/// A process that calls the handler with each number it is sent, until that says csp::stop.
template <class F>
csp::Process process_of(const Channel<int>& numbers, Hosting hosting, F handler) {
  csp::Process process("process", [numbers, hosting, handler] {
    csp::serve(hosting, on_receive(numbers, handler));
  });
  CHECK(csp::wait_for_rest(csp::kNever));
  return process;
}

}  // namespace

TEST_SUITE_BEGIN("wake_later");

TEST_CASE("wake_later C11: who is put off is woken when the round is over") {
  for (const Hosting hosting : kHostings) {
    for (const std::size_t count : {std::size_t{1}, std::size_t{3}, csp::detail::kMostLate + 2}) {
      Sleepers sleepers(count);
      const bool carried = hosting == Hosting::assisted;
      const Channel<int> numbers = Channel<int>::make("numbers");
      csp::Process process = process_of(numbers, hosting, [&](std::optional<int>) {
        const csp::wake_later here;
        sleepers.send_to_all();
        CHECK(carrier.late == (carried ? std::min(count, csp::detail::kMostLate) : 0));
        return csp::stop;
      });
      CHECK(numbers.send(1) == Outcome::ok);
      CHECK(carrier.late == 0);
      sleepers.wait_for_all();
    }
  }
}

TEST_CASE("wake_later C11 C34: also when the handler throws") {
  for (const Hosting hosting : kHostings) {
    Sleepers sleepers(2);
    const Channel<int> numbers = Channel<int>::make("numbers");
    csp::Process process = process_of(numbers, hosting, [&](std::optional<int>) -> csp::Flow {
      const csp::wake_later here;
      sleepers.send_to_all();
      throw std::runtime_error("thrown by the handler");
    });
    CHECK(numbers.send(1) == Outcome::ok);
    sleepers.wait_for_all();
    CHECK_THROWS_AS(process.join(), std::runtime_error);
  }
}

TEST_CASE("wake_later C11: before the next round, where one has come meanwhile") {
  for (const Hosting hosting : kHostings) {
    Sleepers sleepers(2);
    const Channel<int> numbers = Channel<int>::make("numbers", 1);
    csp::Process process = process_of(numbers, hosting, [&](std::optional<int> number) {
      if (number == 1) {
        const csp::wake_later here;
        sleepers.send_to_all();
        CHECK(numbers.send(2) == Outcome::ok);
        return csp::go_on;
      }
      sleepers.wait_for_all();
      return csp::stop;
    });
    CHECK(numbers.send(1) == Outcome::ok);
  }
}

TEST_CASE("wake_later C11: before the handler waits, in a channel or a join") {
  for (const Hosting hosting : kHostings) {
    const Channel<int> there = Channel<int>::make("there");
    const Channel<int> back = Channel<int>::make("back");
    csp::Process echo("echo", [&] {
      for (int number : there) CHECK(back.send(int{number}) == Outcome::ok);
    });
    const Channel<int> numbers = Channel<int>::make("numbers");
    csp::Process process = process_of(numbers, hosting, [&](std::optional<int>) {
      const csp::wake_later here;
      CHECK(there.send(7) == Outcome::ok);
      CHECK(back.receive() == 7);
      CHECK(there.send(8) == Outcome::ok);
      csp::Process("reader", [&] { CHECK(back.receive() == 8); }).join();
      return csp::stop;
    });
    CHECK(numbers.send(1) == Outcome::ok);
    process.join();
    CHECK(there.close() == Outcome::ok);
  }
}

TEST_CASE("wake_later C37: a stop request wakes at once") {
  const Channel<int> channel = Channel<int>::make("stopped");
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process process = process_of(numbers, Hosting::assisted, [&](std::optional<int>) {
    std::jthread sleeper = receiver(channel);
    const csp::wake_later here;
    sleeper = {};
    return csp::stop;
  });
  CHECK(numbers.send(1) == Outcome::ok);
}

TEST_CASE("wake_later C11: what the process owns may join them at its end") {
  const Channel<int> channel = Channel<int>::make("joined");
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process process =
      csp::serving("process", Hosting::assisted,
                   [&channel, &numbers, owned = std::make_unique<std::jthread>(receiver(channel))] {
                     return csp::cases(on_receive(numbers, [&channel](std::optional<int>) {
                       const csp::wake_later here;
                       CHECK(channel.send(7) == Outcome::ok);
                       return csp::stop;
                     }));
                   });
  CHECK(numbers.send(1) == Outcome::ok);
}

TEST_CASE("wake_later: it is the handler's to say, not that of who runs it") {
  const Channel<int> channel = Channel<int>::make("joined");
  std::jthread sleeper = receiver(channel);
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process process = process_of(numbers, Hosting::assisted, [&](std::optional<int>) {
    CHECK(channel.send(7) == Outcome::ok);
    sleeper.join();
    return csp::stop;
  });
  const csp::wake_later here;
  CHECK(numbers.send(1) == Outcome::ok);
}

TEST_CASE("wake_later C37: before the handler comes back from a receive that was stopped") {
  const Channel<int> channel = Channel<int>::make("joined");
  const Channel<int> nothing = Channel<int>::make("nothing");
  std::jthread sleeper = receiver(channel);
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process process = process_of(numbers, Hosting::assisted, [&](std::optional<int>) {
    const csp::wake_later here;
    CHECK(channel.send(7) == Outcome::ok);
    std::stop_source stop;
    stop.request_stop();
    CHECK(nothing.receive(stop.get_token()).outcome == Outcome::cancelled);
    sleeper.join();
    return csp::stop;
  });
  CHECK(numbers.send(1) == Outcome::ok);
}

TEST_CASE("wake_later C11: before an inner serve's first handler") {
  const Channel<int> channel = Channel<int>::make("joined");
  std::jthread sleeper = receiver(channel);
  const Channel<int> numbers = Channel<int>::make("numbers");
  const Channel<int> inner = Channel<int>::make("inner", 1);
  csp::Process process = process_of(numbers, Hosting::assisted, [&](std::optional<int>) {
    CHECK(inner.send(1) == Outcome::ok);
    const csp::wake_later here;
    CHECK(channel.send(7) == Outcome::ok);
    CHECK(carrier.late == 1);
    csp::serve(Hosting::assisted, on_receive(inner, [&](std::optional<int>) {
                 sleeper.join();
                 return csp::stop;
               }));
    return csp::stop;
  });
  CHECK(numbers.send(1) == Outcome::ok);
}

/// A recorder that does nothing before a thread has been woken.
class Patient : public csp::Recorder {
 public:
  void record(const csp::Event&) override { woken.wait(false); }
  void flush() override { woken.wait(false); }
  std::atomic<bool> woken{false};
};

// What has no name is not traced, so who waits for it may be put off; the recorder may wait for
// him.
TEST_CASE("wake_later: before the handler waits for the trace") {
  for (const bool flushes : {false, true}) {
    const Channel<int> channel = Channel<int>::make("");
    const Channel<int> numbers = Channel<int>::make("");
    const Channel<int> traced = Channel<int>::make("traced", 100);
    const auto patient = std::make_shared<Patient>();
    csp::Process sleeper("sleeper", [&] {
      CHECK(channel.receive() == 7);
      patient->woken = true;
      patient->woken.notify_all();
    });
    csp::Process process = process_of(numbers, Hosting::assisted, [&](std::optional<int>) {
      const csp::wake_later here;
      CHECK(channel.send(7) == Outcome::ok);
      CHECK(carrier.late == 1);
      if (flushes) {
        csp::flush_trace();
      } else {
        for (int i = 0; i < 100; ++i) CHECK(traced.send(int{i}) == Outcome::ok);
      }
      CHECK(carrier.late == 0);
      return csp::stop;
    });
    const csp::Attachment trace = csp::attach(patient, {.capacity = 2});
    CHECK(numbers.send(1) == Outcome::ok);
  }
}

// Who is woken tells the trace of what it has received, and the handler may wait for just that.
TEST_CASE("wake_later: with a trace nobody is put off") {
  Sleepers sleepers(2);
  const Channel<int> numbers = Channel<int>::make("numbers");
  csp::Process process = process_of(numbers, Hosting::assisted, [&](std::optional<int>) {
    const csp::wake_later here;
    sleepers.send_to_all();
    CHECK(carrier.late == 0);
    csp::flush_trace();
    return csp::stop;
  });
  const csp::Attachment trace = csp::attach(std::make_shared<csp::MemoryRecorder>());
  CHECK(numbers.send(1) == Outcome::ok);
}

TEST_SUITE_END();
