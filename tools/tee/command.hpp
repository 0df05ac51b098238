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
#include <utility>

#include "tee/descriptor.hpp"
#include "tee/interruption.hpp"

namespace asyncstream::tools::tee {

class Command {
 public:
  /// A pipe for it. Throws Refusal if there is none.
  explicit Command(const std::string& line);
  Command(Command&& other) noexcept
      : line_(std::move(other.line_)),
        output_(std::move(other.output_)),
        input_(std::move(other.input_)),
        pid_(std::exchange(other.pid_, -1)),
        process_(std::move(other.process_)) {}
  Command& operator=(Command&&) = delete;
  /// Terminates it, unless it has been waited for.
  ~Command() { terminate(); }

  /// Runs `sh -c line`. Throws Refusal when that cannot be started.
  void start(const sigset_t& mask);

  /// The pipe to its standard input; does not block. To be taken once.
  Descriptor take_input() { return std::move(input_); }

  /// Waits until it ends. Then, what there is to complain about: "" for exit status 0; or nothing,
  /// if there was an interruption, which may have ended it too.
  std::optional<std::string> wait(const Interruption& interruption);

  /// Ends it, and what it has started, if they still run, so that they do not take an interruption
  /// for the end of their input. Does not wait.
  void terminate() noexcept;

 private:
  std::string line_;
  Descriptor output_;  // of the pipe, until it is started
  Descriptor input_;
  pid_t pid_ = -1;
  Descriptor process_;  // a pidfd: readable when it has ended
};

}  // namespace asyncstream::tools::tee
