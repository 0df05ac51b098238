// SPDX-License-Identifier: Apache-2.0
//
// The seam's threads: named threads of the operating system, reused through a cache. A build that
// names a seam of its own has its own.
#pragma once

#include "seam/signal.hpp"

#ifndef CSP_SEAM

#include <cstddef>
#include <functional>
#include <string>

namespace csp::detail::seam {

/// The number of idle threads that are kept for later use (thread.cpp). Each has some 20 KiB of
/// memory in use; 32 are enough to open and close ten streams over a source without creating a
/// thread.
inline constexpr std::size_t kMostParked = 32;
inline constexpr const char* kParkedName = "csp parked";

/// A thread of the operating system that runs one function, under a name. After join() the function
/// has ended and the Thread is no longer used by it; the system's thread may go on to serve the
/// next Thread.
class Thread {
 public:
  /// Throws std::system_error when the system cannot create a thread.
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
