// SPDX-License-Identifier: Apache-2.0
//
// Interruption: SIGINT, SIGTERM and SIGHUP as a descriptor that becomes readable, and stays so.
//
// The signals are blocked, and no code runs in a signal handler. The main thread waits for them,
// and tells of the first by an event that nobody takes: so whoever waits for a descriptor (a sink
// for its pipe) waits for this one too, and is woken at once. From then on the signals have their
// default effect again: a second one ends the program, whatever it still waits for. A signal that
// was ignored from the start (a shell's background job, nohup) stays ignored.
#pragma once

#include <csignal>

#include "tee/descriptor.hpp"

namespace asyncstream::tools::tee {

/// Thrown by what a signal has interrupted before there was a stream to be cancelled.
struct Interrupted {};

class Interruption {
 public:
  /// From here on the signals are caught; threads that are started later inherit that. Throws
  /// std::system_error.
  Interruption();

  /// Readable once there is an interruption. Thread-safe.
  int fd() const noexcept { return raised_.get(); }
  /// Whether a signal has come, perhaps only just now. Thread-safe.
  bool has_come() const noexcept;

  /// By the main thread: readable when a signal has come, then accept().
  int signals() const noexcept { return signals_.get(); }
  void accept() noexcept;
  /// By the main thread, when there is nothing left to interrupt: what has come is forgotten.
  void end() noexcept;

  /// Which signal was accepted; 0 if none.
  int number() const noexcept { return number_; }
  /// What was blocked before: what a child should inherit.
  const sigset_t& mask_before() const noexcept { return before_; }

 private:
  int take() noexcept;

  sigset_t before_;
  Descriptor signals_;
  Descriptor raised_;
  int number_ = 0;
};

}  // namespace asyncstream::tools::tee
