// SPDX-License-Identifier: Apache-2.0
//
// NoThreads makes the system refuse every new thread. It is for child programs: the limit does not
// apply to a privileged user, and the program gives its privileges up for good.
#pragma once

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csp/process.hpp>
#include <system_error>

namespace support {

class NoThreads {
 public:
  NoThreads() {
    // A sanitizer needs to read its own process, and to start a thread again at the exit.
    if (geteuid() == 0 && (setuid(65534) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)) return;
    getrlimit(RLIMIT_NPROC, &usual_);
    const rlimit none{0, usual_.rlim_max};
    limited_ = setrlimit(RLIMIT_NPROC, &none) == 0;
  }
  ~NoThreads() {
    if (limited_) setrlimit(RLIMIT_NPROC, &usual_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

  /// Whether the limit is effective.
  bool works() const {
    try {
      const csp::Process impossible("impossible", [] {});
      return false;
    } catch (const std::system_error&) {
      return limited_;
    }
  }

 private:
  rlimit usual_{};
  bool limited_ = false;
};

}  // namespace support
