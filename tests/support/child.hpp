// SPDX-License-Identifier: Apache-2.0
//
// Child programs: what can only be seen from outside a process, such as destructors at its exit, a
// thread that blocks for ever, or a race that a sanitizer must report. A child program is a
// function in a test file, registered under a name; run_child() starts this very executable again
// with
// --child=NAME, which runs the function and returns from main with its result, so static
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

/// How it ended: "exit 0", "exit 66", "signal 6". Its standard error is in `errors`.
struct ChildResult {
  std::string end;
  std::string errors;
};

ChildResult run_child(const std::string& name);

/// The value of --child=NAME among the arguments, or null.
const char* child_name(int argc, char** argv);

/// Runs the named function; for main.
int run_as_child(const char* name);

/// Until the thread named "blocked" sleeps in the kernel, as far as the kernel can tell: state S,
/// waiting in futex. For "this call blocks for ever" in a child program.
void wait_until_blocked();

}  // namespace support
