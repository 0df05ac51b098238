// SPDX-License-Identifier: Apache-2.0
//
// Command: a shell command with a pipe to its standard input (a sink) or from its standard output
// (the source).
//
// The child gets the signals as they were before us, and none of our descriptors but the standard
// ones: were it to inherit the writing end of another command's pipe, that one would never see the
// end of its input. It stays in our process group, so that it may use the terminal, and Ctrl-C
// reaches it too.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

#include "tee/descriptor.hpp"
#include "tee/interruption.hpp"

namespace asyncstream::tools::tee {

class Command {
 public:
  enum class Side { reads, writes };  // what it does with the pipe

  /// A pipe for it, of which our end is pipe(). Throws std::system_error.
  Command(std::string line, Side side);
  Command(Command&& other) noexcept
      : line_(std::move(other.line_)),
        side_(other.side_),
        theirs_(std::move(other.theirs_)),
        ours_(std::move(other.ours_)),
        pid_(std::exchange(other.pid_, -1)),
        process_(std::move(other.process_)) {}
  Command& operator=(Command&&) = delete;
  /// Ends it, unless it has been waited for.
  ~Command() { end(); }

  /// Runs `sh -c line`. Throws std::system_error.
  void start(const Interruption::Inheritance& inheritance);

  /// Ours, and does not block; to be closed when a sink is to see the end of its input.
  Descriptor& pipe() noexcept { return ours_; }

  /// Waits until it ends, and tells how (of waitpid); nothing if `until` became readable before.
  std::optional<int> wait(int until);

  /// Ends it, and what it has started, before it sees the end of its input: by SIGTERM, and where
  /// that is not enough by SIGKILL two seconds later. Only then closes our end of the pipe.
  void end() noexcept;

 private:
  void kill_all(int signal) const noexcept;

  std::string line_;
  Side side_;
  Descriptor theirs_;  // until it is started
  Descriptor ours_;
  pid_t pid_ = -1;
  Descriptor process_;  // a pidfd: readable when it has ended
};

/// "exit status 3", "killed by signal 9 (Killed)"; "" for exit status 0.
std::string complaint_about(int status);

}  // namespace asyncstream::tools::tee
