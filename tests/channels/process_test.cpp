// SPDX-License-Identifier: Apache-2.0
//
// csp::Process: it has a name, its owner joins it, and an exception that leaves its function is
// kept for the joining thread.
#include <doctest/doctest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "seam/thread.hpp"
#include "support/child.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

std::string thread_name() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

}  // namespace

TEST_SUITE_BEGIN("process");

TEST_CASE("a process runs its function on a thread of that name, cut to 15 characters") {
  std::string name;
  std::string current;
  csp::Process process("readIntoBuffer of 1", [&] {
    name = thread_name();
    current = csp::Process::current_name();
  });
  process.join();
  CHECK(name == "readIntoBuffer ");
  CHECK(current == "readIntoBuffer of 1");
}

TEST_CASE("outside a process the current name is the thread's name") {
  CHECK(csp::Process::current_name() == thread_name());
}

TEST_CASE("the end of a process's scope joins it") {
  std::atomic<bool> ended{false};
  const csp::Channel<int> c = csp::Channel<int>::make("c");
  {
    csp::Process process("p", [&] {
      c.receive();
      ended = true;
    });
    CHECK(process.joinable());
    CHECK(c.send(1) == csp::Outcome::ok);
  }
  CHECK(ended);
}

TEST_CASE("an exception is kept and rethrown by join, once") {
  csp::Process process("p", [] { throw std::runtime_error("from inside"); });
  CHECK_THROWS_WITH_AS(process.join(), "from inside", std::runtime_error);
  CHECK_FALSE(process.joinable());
  CHECK_NOTHROW(process.join());
}

TEST_CASE("a process that joins itself gets an error instead of a deadlock") {
  const csp::Channel<void> started = csp::Channel<void>::make("started");
  csp::Process process;
  process = csp::Process("self", [&] {
    (void)started.receive();
    CHECK_THROWS_AS(process.join(), csp::Misuse);
  });
  CHECK(started.send() == csp::Outcome::ok);
  process.join();
}

const support::ChildProgram kSelfDestroyer("process_destroys_itself", [] {
  const csp::Channel<void> started = csp::Channel<void>::make("started");
  auto process = std::make_unique<csp::Process>();
  *process = csp::Process("self", [&] {
    (void)started.receive();
    process.reset();
  });
  (void)started.send();
  (void)csp::Channel<void>::make("never").receive();
  return 0;
});

TEST_CASE("a process that destroys itself ends the program, and says why") {
  const support::ChildResult result = support::run_child("process_destroys_itself");
  CHECK(result.end == "signal 6");
  CHECK(result.errors.find("a process waits for its own end") != std::string::npos);
}

TEST_CASE("an exception of a process that is never joined is dropped") {
  CHECK_NOTHROW(csp::Process("p", [] { throw std::runtime_error("unheard"); }));
}

TEST_CASE("a process can be moved; assignment joins the process held before") {
  std::atomic<int> ended{0};
  csp::Process first("first", [&] { ++ended; });
  csp::Process second("second", [&] { ++ended; });
  first = std::move(second);
  CHECK(ended >= 1);
  CHECK_FALSE(second.joinable());  // NOLINT: the state after the move is the point
  first.join();
  CHECK(ended == 2);
  csp::Process none;
  CHECK_FALSE(none.joinable());
  none.join();
}

TEST_CASE("what the function captured is destroyed before join returns, on the process's thread") {
  struct Note {
    std::string* where;
    explicit Note(std::string* w) : where(w) {}
    ~Note() { *where = thread_name(); }
  };
  std::string where;
  csp::Process process("owner", [note = std::make_unique<Note>(&where)] {});
  process.join();
  CHECK(where == "owner");
}

TEST_CASE("consecutive processes share one thread, each under its own name") {
  std::set<pid_t> threads;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "p" + std::to_string(i);
    csp::Process(name, [&] {
      threads.insert(gettid());
      CHECK(thread_name() == name);
      CHECK(csp::Process::current_name() == name);
    }).join();
  }
  CHECK(threads.size() == 1);
}

TEST_CASE("a process finds thread_local objects as the last one on its thread left them") {
  static thread_local int left = 0;
  int found = -1;
  csp::Process("first", [] { left = 7; }).join();
  csp::Process("second", [&] { found = left; }).join();  // on the same thread, which was parked
  CHECK(found == 7);
  csp::Process("third", [] { left = 0; }).join();
}

const support::ChildProgram kWaitForSignal("wait_for_signal", [] {
  const csp::Attachment trace = csp::attach(std::make_shared<csp::MemoryRecorder>());
  csp::Process("early", [] {}).join();  // neither its thread nor the trace's may take the signal
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &term, nullptr);
  kill(getpid(), SIGTERM);
  const timespec at_most{20, 0};
  return sigtimedwait(&term, nullptr, &at_most) == SIGTERM ? 0 : 4;
});

TEST_CASE("no thread of the library takes a signal") {
  CHECK(support::run_child("wait_for_signal").end == "exit 0");
}

TEST_CASE("a bounded number of threads is kept when many processes have ended") {
  const csp::Channel<void> gate = csp::Channel<void>::make("gate");
  std::vector<csp::Process> processes;
  for (std::size_t i = 0; i < 2 * csp::detail::seam::kMostParked; ++i) {
    processes.emplace_back("p", [&] { gate.receive(); });
  }
  support::wait_for_receivers(gate, processes.size());
  CHECK(gate.close() == csp::Outcome::ok);
  processes.clear();
  support::wait_until([] { return support::threads_named("p") == 0; });
  CHECK(support::parked_threads() == csp::detail::seam::kMostParked);
}

TEST_CASE("C51: a thread that waits for its next process does not wake meanwhile") {
  const auto sleeps = [] {
    csp::Process process("p", [] {});
    process.join();
    rusage usage{};
    csp::Process("p", [&] { getrusage(RUSAGE_THREAD, &usage); }).join();
    return usage.ru_nvcsw;
  };
  const long before = sleeps();
  const csp::Channel<void> never = csp::Channel<void>::make("never");
  // The time for which it is parked is the measurement itself.
  CHECK(never.receive_for(std::chrono::milliseconds(300)).outcome == csp::Outcome::timeout);
  CHECK(sleeps() - before <= 3);
}

TEST_CASE("a process has its starter's signal mask and processors, also on a reused thread") {
  csp::Process("before", [] {}).join();  // so that one is parked
  sigset_t block, mask;
  sigemptyset(&block);
  sigaddset(&block, SIGUSR2);
  cpu_set_t all, one;
  CPU_ZERO(&one);
  REQUIRE(sched_getaffinity(0, sizeof all, &all) == 0);
  int processor = 0;
  while (!CPU_ISSET(processor, &all)) ++processor;
  CPU_SET(processor, &one);
  const auto inside = [](sigset_t& signals) {
    int processors = 0;
    csp::Process("inside", [&] {
      pthread_sigmask(SIG_BLOCK, nullptr, &signals);
      cpu_set_t mine;
      if (sched_getaffinity(0, sizeof mine, &mine) == 0) processors = CPU_COUNT(&mine);
    }).join();
    return processors;
  };
  pthread_sigmask(SIG_BLOCK, &block, nullptr);
  sched_setaffinity(0, sizeof one, &one);
  CHECK(inside(mask) == 1);
  CHECK(sigismember(&mask, SIGUSR2) == 1);
  pthread_sigmask(SIG_UNBLOCK, &block, nullptr);
  sched_setaffinity(0, sizeof all, &all);
  CHECK(inside(mask) == CPU_COUNT(&all));
  CHECK(sigismember(&mask, SIGUSR2) == 0);
}

TEST_SUITE_END();
