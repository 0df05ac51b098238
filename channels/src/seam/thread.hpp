// SPDX-License-Identifier: Apache-2.0
//
// The seam's threads. A build that names a seam of its own has its own.
#pragma once

#include "seam/signal.hpp"

#ifndef CSP_SEAM

#include <cstddef>
#include <functional>
#include <string>

namespace csp::detail::seam {

/// Threads without work that are kept for later (thread.cpp): each has some 20 KiB of memory in
/// use, and ten streams from a source can come and go without one being made.
inline constexpr std::size_t kMostParked = 32;
inline constexpr const char* kParkedName = "csp parked";

/// A thread of the system that runs one function, under a name. Once it is joined the function has
/// ended and nothing of it is touched any more; the thread itself may go on to the next Thread.
class Thread {
 public:
  /// Throws std::system_error when the system has none to give.
  Thread(const std::string& name, std::function<void()> body);
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  void join();

 private:
  static void* run_and_park(void* first);

  const std::string name_;
  const std::function<void()> body_;
  Signal ended_;
};

}  // namespace csp::detail::seam

#endif
