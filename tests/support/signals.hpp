// SPDX-License-Identifier: Apache-2.0
//
// While a Handled exists, a signal calls its function and interrupts what its thread waits in
// (without SA_RESTART, every system call returns EINTR). Afterwards the signal is ignored; the
// previous action is not restored. The thread of a process outlives the process and waits for the
// next one (process.hpp), so a late signal may be delivered after the join, and the default action
// of most signals ends the program.
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
