// SPDX-License-Identifier: Apache-2.0
//
// Command: a sink's shell command, fed through a pipe to its standard input.
//
// The child gets the signal mask of before and the default SIGPIPE, whatever we do with ours, and
// none of our descriptors but the standard ones: were it to inherit the writing end of another
// command's pipe, that one would never see the end of its input. It stays in our process group, so
// that it may use the terminal, and Ctrl-C reaches it too.
#pragma once

#include <sys/types.h>

#include <csignal>
#include <optional>
#include <string>

#include "tee/descriptor.hpp"

namespace asyncstream::tools::tee {

class Command {
 public:
  /// Runs `sh -c line`. Throws Refusal when that cannot be started.
  Command(const std::string& line, const sigset_t& mask);

  /// The pipe to its standard input; does not block. To be taken once.
  Descriptor take_input() { return std::move(input_); }

  /// Waits until it ends, or the descriptor becomes readable. Then, what there is to complain
  /// about: "" for exit status 0; or nothing, if it still runs.
  std::optional<std::string> wait(int or_readable);

  /// Ends the shell, if it still runs, so that it does not take an interruption for the end of its
  /// input. Does not wait.
  void terminate() noexcept;

 private:
  Descriptor input_;
  pid_t pid_ = -1;
  Descriptor process_;  // a pidfd: readable when it has ended
};

}  // namespace asyncstream::tools::tee
