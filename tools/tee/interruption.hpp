// SPDX-License-Identifier: Apache-2.0
//
// Interruption: SIGINT, SIGTERM and SIGHUP as a descriptor that becomes readable, and stays so.
//
// The signals are blocked, and no code runs in a signal handler. The main thread waits for them,
// and tells of the first by an event that nobody takes: so whatever waits for a descriptor (a sink
// for its pipe) waits for this one too, and is woken at once. From then on the signals have their
// default effect again: a second one ends the program, whatever it still waits for. A signal that
// was ignored from the start (a shell's background job, nohup) stays ignored.
//
// Other signals are no reason to end: SIGPIPE and SIGXFSZ become errors of the one sink that they
// are about, and SIGTTOU does not stop a copy in the background. Children get all of them back.
#pragma once

#include <csignal>

#include "tee/descriptor.hpp"

namespace asyncstream::tools::tee {

class Interruption {
 public:
  /// What a child starts with: the signals as they were before.
  struct Inheritance {
    sigset_t mask;
    sigset_t by_default;  // to be given their default effect back
  };

  /// From here on the signals are caught; threads that are started later inherit that. Throws
  /// std::system_error.
  Interruption();

  /// Readable once there is an interruption. Thread-safe.
  int fd() const noexcept { return raised_.get(); }
  /// Whether a signal has come, also one that is on its way to the whole process group: what made
  /// the source end may be the same Ctrl-C. Thread-safe.
  bool has_come() const noexcept;

  /// Readable when a signal has come; then the main thread calls accept().
  int signals() const noexcept { return signals_.get(); }
  void accept() noexcept;

  /// Which signal was accepted; 0 if none.
  int number() const noexcept { return number_; }
  const Inheritance& inheritance() const noexcept { return inheritance_; }

 private:
  Inheritance inheritance_;
  Descriptor signals_;
  Descriptor raised_;
  int number_ = 0;
};

}  // namespace asyncstream::tools::tee
