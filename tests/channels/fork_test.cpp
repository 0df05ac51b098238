// SPDX-License-Identifier: Apache-2.0
//
// A trace and fork. The child has no draining thread, so its trace is off: the child ends normally,
// writes nothing twice, and may attach its own recorder. (C49, what channels do over a fork,
// is in lifetime_test.cpp.)
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <csp/waiting.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/child.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using csp::Channel;

void use_channels(const char* name) {
  const Channel<int> c = Channel<int>::make(name, 1);
  for (int i = 0; i < 10; ++i) {
    (void)c.send(i);
    c.receive();
  }
}

/// Runs `in_child` in a child that ends as programs do; returns its result.
template <class F>
int status_of_child(F in_child) {
  const pid_t child = fork();
  if (child == 0) {
    const int status = in_child();
    // At an exit a sanitizer waits for threads that the child does not have.
    if (TESTS_UNDER_TSAN || TESTS_UNDER_ASAN) std::_Exit(status);
    std::exit(status);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 99;
  return WEXITSTATUS(status);
}

int fork_with_trace() {
  use_channels("before");
  const int status = status_of_child([] {
    use_channels("in child");
    csp::flush_trace();
    const csp::WaitingReport report = csp::waiting();
    if (!report.waiting.empty() || report.processes != 0) return 3;
    // Sanitizers refuse threads in the child of a program with threads.
    if (TESTS_UNDER_TSAN || TESTS_UNDER_ASAN) return 0;
    const auto own = std::make_shared<csp::MemoryRecorder>();
    const csp::Attachment attachment = csp::attach(own);
    use_channels("of its own");
    return own->take().size() == 20 ? 0 : 4;
  });
  use_channels("after");
  return status;
}
const support::ChildProgram kForkWithTrace("fork_with_trace", fork_with_trace);

int fork_beside_traffic() {
  const Channel<int> busy = Channel<int>::make("busy", 1);
  csp::Process sender("sender", [&] {
    while (busy.send(1) == csp::Outcome::ok) continue;
  });
  csp::Process receiver("receiver", [&] {
    while (busy.receive()) continue;
  });
  for (int i = 0; i < 100; ++i) {
    const int status = status_of_child([] {
      // A sanitizer's allocator is in the state in which another thread had it at the fork.
      if (!TESTS_UNDER_TSAN && !TESTS_UNDER_ASAN) use_channels("in child");
      std::_Exit(0);  // `busy` and its processes are the parent's
      return 0;
    });
    if (status != 0) return status;
  }
  busy.close();
  return 0;
}
const support::ChildProgram kForkBesideTraffic("fork_beside_traffic", fork_beside_traffic);

/// Forks while a thread reads a long list of processes that have failed.
int fork_beside_reports() {
  std::vector<csp::Process> failed;
  for (int i = 0; i < 100; ++i) failed.emplace_back("f", [] { throw std::runtime_error("x"); });
  (void)csp::wait_until_idle(csp::kNever);
  std::atomic<bool> over{false};
  std::thread reports([&] {
    while (!over) (void)csp::waiting();
  });
  int status = 0;
  for (int i = 0; i < 200 && status == 0; ++i) {
    status = status_of_child([] {
      alarm(20);  // the child waits for ever, or is done in a moment
      // A sanitizer's allocator is in the state in which another thread had it at the fork.
      if (TESTS_UNDER_TSAN || TESTS_UNDER_ASAN) std::_Exit(0);
      std::_Exit(csp::waiting().failed.size() == 100 ? 0 : 4);
      return 0;
    });
  }
  over = true;
  reports.join();
  return status;
}
const support::ChildProgram kForkBesideReports("fork_beside_reports", fork_beside_reports);

/// The lines of a trace that a child program wrote.
std::vector<std::string> traced(const char* program) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("csp_fork_" + std::to_string(getpid()))).string();
  setenv("CSP_TRACE", ("json:" + file).c_str(), 1);
  const support::ChildResult result = support::run_child(program);
  unsetenv("CSP_TRACE");
  CHECK(result.end == "exit 0");
  CHECK(result.errors == "");
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::filesystem::remove(file);
  return lines;
}

TEST_CASE("trace: a child of fork ends, is not traced, and writes nothing of its parent's trace") {
  const std::vector<std::string> lines = traced("fork_with_trace");
  REQUIRE(lines.size() == 40);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i].starts_with("{\"seq\":" + std::to_string(i + 1) + ","));
    CHECK(lines[i].find(i < 20 ? "\"before\"" : "\"after\"") != std::string::npos);
  }
}

TEST_CASE("C49: a child may make a report, whatever other threads did at the fork") {
  CHECK(support::run_child("fork_beside_reports").end == "exit 0");
}

TEST_CASE("trace: a program whose trace is active can fork a hundred children") {
  const std::vector<std::string> lines = traced("fork_beside_traffic");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].starts_with("{\"seq\":" + std::to_string(i + 1) + ",")) continue;
    FAIL("line " << i + 1 << " is " << lines[i]);
  }
}

}  // namespace
