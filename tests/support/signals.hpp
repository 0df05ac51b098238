// SPDX-License-Identifier: Apache-2.0
//
// Handled: while one exists, a signal calls a function, and interrupts what its thread waits in
// (no SA_RESTART: every system call sees EINTR). Afterwards the signal is ignored, where putting
// back what was there before would be a trap: the thread of a process outlives it and waits for the
// next (process.hpp), so a signal sent to it at the end may be delivered after the join, and the
// default action of most is to end the program.
#pragma once

#include <signal.h>

#include <doctest/doctest.h>

namespace support {

class Handled {
 public:
  Handled(int number, void (*function)(int)) : number_(number) { set(function); }
  ~Handled() { set(SIG_IGN); }
  Handled(const Handled&) = delete;
  Handled& operator=(const Handled&) = delete;

 private:
  void set(void (*function)(int)) const {
    struct sigaction action {};
    action.sa_handler = function;
    CHECK(sigaction(number_, &action, nullptr) == 0);
  }

  int number_;
};

}  // namespace support
