// SPDX-License-Identifier: Apache-2.0
//
// Child programs test what can be seen only from outside a process, such as destructors at its
// exit, a thread that blocks for ever, or a race that a sanitizer must report. A child program is a
// function in a test file, registered under a name. run_child() starts the same executable again
// with --child=NAME, which runs the function and returns its result from main, so static
// destructors run as in any program. A child that does not end in time is killed, which is a
// failure.
#pragma once

#include <string>

namespace support {

class ChildProgram {
 public:
  /// `name` must outlive the program: a literal.
  ChildProgram(const char* name, int (*function)());

 private:
  friend int run_as_child(const char* name);
  const char* name_;
  int (*function_)();
  ChildProgram* next_;
};

/// How the child ended: "exit 0", "exit 66", "signal 6". Its standard error is in `errors`.
struct ChildResult {
  std::string end;
  std::string errors;
};

ChildResult run_child(const std::string& name);

/// The value of --child=NAME among the arguments, or null.
const char* child_name(int argc, char** argv);

/// Runs the named function; called by main.
int run_as_child(const char* name);

/// Waits until the thread named "blocked" sleeps in the kernel, as far as the kernel can tell:
/// state S, waiting in futex. A child program uses it to test "this call blocks for ever".
void wait_until_blocked();

}  // namespace support
