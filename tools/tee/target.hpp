// SPDX-License-Identifier: Apache-2.0
//
// Target: one sink as the command line names it: how an attempt opens it, and what becomes of it
// when the attempt is over. There are three kinds: what keeps its bytes (a file, a disk), what
// passes them on (a FIFO, a terminal, the standard output), and a command.
//
// check() looks at everything that can be refused and changes no file; what it has made is gone
// with the target, unless an attempt was complete, or a file kept. Then begin() does what is to be
// done before the first attempt of any sink; open() is called by the sink's process, at its own
// time, once for each attempt.
#pragma once

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "tee/command.hpp"
#include "tee/descriptor.hpp"
#include "tee/interruption.hpp"
#include "tee/plan.hpp"

namespace asyncstream::tools::tee {

/// What one attempt writes to. Neither: a FIFO whose reader has not come yet.
struct Opening {
  Descriptor fd;
  std::optional<Command> command;  // its pipe is what is written to, then
};

class Target {
 public:
  explicit Target(std::string name) : name_(std::move(name)) {}
  virtual ~Target() = default;

  const std::string& name() const noexcept { return name_; }

  /// Throws Refusal.
  virtual void check() {}
  /// Throws std::system_error.
  virtual void begin() {}
  /// Throws std::system_error.
  virtual Opening open() = 0;
  /// Called when the attempt has written all of the source, and closed what it wrote to.
  virtual std::error_code keep() { return {}; }

  /// After check(): what it is, if that can be compared with another.
  virtual std::optional<struct stat> identity() const { return std::nullopt; }
  /// Where it will be once it is complete, if it is not there yet.
  virtual std::string place() const { return {}; }
  virtual bool can_begin_again() const { return true; }
  /// What is written to it may show on a terminal.
  virtual bool may_show() const { return false; }

 private:
  const std::string name_;
};

/// Of the kind that it names. Throws Refusal.
std::unique_ptr<Target> make_target(const SinkPlan& sink, const Plan& plan,
                                    const Interruption& interruption);

}  // namespace asyncstream::tools::tee
