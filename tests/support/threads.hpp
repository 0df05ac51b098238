// SPDX-License-Identifier: Apache-2.0
//
// Threads is a group of processes that is joined at the end of its scope, so that no test leaves
// one running. A group's channels are declared before it. An exception in one of the processes is a
// failed check of the case; it does not end the program. Inside a group use CHECK and never
// REQUIRE, whose exception would end in the wrong thread.
#pragma once

#include <doctest/doctest.h>

#include <csp/process.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seam/thread.hpp"

namespace support {

class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads() { join(); }

  template <class F>
  void run(F&& function) {
    processes_.emplace_back("test", std::forward<F>(function));
  }

  /// Calls the function with 0, 1, ... count - 1, each in its own thread.
  template <class F>
  void run_each(int count, F function) {
    for (int i = 0; i < count; ++i) run([function, i] { function(i); });
  }

  void join() {
    for (csp::Process& process : processes_) {
      try {
        process.join();
      } catch (const std::exception& error) {
        FAIL_CHECK("a thread ended with an exception: " << error.what());
      }
    }
    processes_.clear();
  }

 private:
  std::vector<csp::Process> processes_;
};

/// The number of this program's threads that have this name.
inline std::size_t threads_named(std::string_view name) {
  std::size_t count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string comm;
    if (std::getline(file, comm) && comm == name) ++count;
  }
  return count;
}

/// The number of threads that wait for a next process.
inline std::size_t parked_threads() { return threads_named(csp::detail::seam::kParkedName); }

}  // namespace support
