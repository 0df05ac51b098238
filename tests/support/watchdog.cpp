// SPDX-License-Identifier: Apache-2.0
//
// The watchdog of watchdog.hpp. Its state is leaked on purpose: the watchdog thread outlives main's
// statics, and destroying a condition variable that a thread waits on would itself cause a hang.
#include "watchdog.hpp"

#include <condition_variable>
#include <csignal>
#include <csp/waiting.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "scale.hpp"
#include "seed.hpp"

namespace support {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kDeadline{60};

struct State {
  std::mutex mutex;
  std::condition_variable changed;
  std::string name;
  std::optional<Clock::time_point> deadline;
};

State& state() {
  static State* const state = new State;
  return *state;
}

std::string first_line(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line.empty() ? "?" : line;
}

// The letter after the parenthesised name in /proc/.../stat: R running, S sleeping, D waiting for a
// disk.
std::string state_letter(const std::filesystem::path& task) {
  const std::string line = first_line(task / "stat");
  const std::size_t after_name = line.rfind(") ");
  return after_name == std::string::npos ? "?" : line.substr(after_name + 2, 1);
}

[[noreturn]] void give_up(const std::string& name) {
  std::fprintf(stderr,
               "\nwatchdog: test case '%s' hangs (TEST_SEED=%llu)\n"
               "thread  state  kernel function  system call  name\n%s",
               name.c_str(), static_cast<unsigned long long>(seed()), describe_threads().c_str());
  // Last, since it takes a lock of the layer under test.
  std::fprintf(stderr, "%s", csp::to_text(csp::waiting()).c_str());
  // doctest's handler would call back into this watchdog, which holds its lock here.
  std::signal(SIGABRT, SIG_DFL);
  std::abort();
}

void watch() {
  State& watched = state();
  std::unique_lock<std::mutex> lock(watched.mutex);
  for (;;) {
    if (!watched.deadline) {
      watched.changed.wait(lock);
    } else if (Clock::now() < *watched.deadline) {
      // A copy: the deadline may change while this thread sleeps until it.
      const Clock::time_point until = *watched.deadline;
      watched.changed.wait_until(lock, until);
    } else {
      give_up(watched.name);
    }
  }
}

}  // namespace

void start_watchdog() {
  state();
  std::thread(watch).detach();
}

void case_begins(const std::string& name) {
  State& watched = state();
  const std::lock_guard<std::mutex> lock(watched.mutex);
  watched.name = name;
  watched.deadline = Clock::now() + kDeadline * patience();
  watched.changed.notify_one();
}

void case_ends() {
  State& watched = state();
  const std::lock_guard<std::mutex> lock(watched.mutex);
  watched.deadline.reset();
  watched.changed.notify_one();
}

void extend_deadline(std::chrono::seconds from_now) {
  State& watched = state();
  const std::lock_guard<std::mutex> lock(watched.mutex);
  watched.deadline = Clock::now() + from_now * patience();
  watched.changed.notify_one();
}

std::string describe_threads() {
  std::ostringstream text;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", ignored)) {
    const std::filesystem::path& task = entry.path();
    text << task.filename().string() << "  " << state_letter(task) << "  "
         << first_line(task / "wchan") << "  [" << first_line(task / "syscall") << "]  "
         << first_line(task / "comm") << '\n';
    std::ifstream stack(task / "stack");  // readable by root only
    for (std::string line; std::getline(stack, line);) text << "      " << line << '\n';
  }
  return text.str();
}

}  // namespace support
