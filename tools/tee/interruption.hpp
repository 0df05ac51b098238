// SPDX-License-Identifier: Apache-2.0
//
// Interruption: SIGINT and SIGTERM as a descriptor that becomes readable, and stays so.
//
// The signals are blocked and wait in a signalfd, which nobody reads before all is over: so whoever
// waits for a descriptor (a sink for its pipe, the main thread for the sinks) waits for this one
// too, is woken at once, and no code runs in a signal handler. A signal that was ignored from the
// start (a shell's background job) stays ignored.
#pragma once

#include <csignal>

#include "tee/descriptor.hpp"

namespace asyncstream::tools::tee {

class Interruption {
 public:
  /// From here on the signals are caught; threads that are started later inherit that. Throws
  /// std::system_error.
  Interruption();

  int fd() const noexcept { return fd_.get(); }

  /// Which signal came; 0 if none did. Thread-bound: for the one who reports, once.
  int take() noexcept;

  /// What was blocked before: what a child should inherit.
  const sigset_t& mask_before() const noexcept { return before_; }

 private:
  sigset_t before_;
  Descriptor fd_;
};

}  // namespace asyncstream::tools::tee
