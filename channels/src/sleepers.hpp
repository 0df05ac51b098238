// SPDX-License-Identifier: Apache-2.0
//
// The roll of sleepers: every operation whose thread sleeps, linked while it sleeps, and the number
// of processes alive. It is touched only next to a system call that puts a thread to sleep, and
// where a process begins or ends or a channel is freed, so the one global lock costs what can't be
// noticed there; operations that meet without sleeping never come here. It has no constructor to
// run and no destructor (C48).
#pragma once

#include <span>

#include "csp/detail/core.hpp"
#include "operation.hpp"

namespace csp::detail {

/// On the sleeping thread's stack, linked from construction to destruction.
class Sleeper {
 public:
  Sleeper(const Operation& operation, std::span<const Waiter> cases);
  /// For a process that has no thread; where is up to it.
  Sleeper(const Operation& operation, std::span<const Waiter> cases, std::string_view process);
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

 private:
  friend struct Roll;
  const Operation& operation_;
  const std::span<const Waiter> cases_;
  const std::string_view process_;
  const std::string* const beneath_;  // a process that sleeps too, since its thread runs this one
  const std::size_t processes_;       // how many sleep with this thread
  const seam::Clock::time_point since_;
  Sleeper* previous_ = nullptr;
  Sleeper* next_ = nullptr;
};

/// A served process was parked by a thread that goes on; call without a lock.
void rest_may_have_come();

/// Before a channel is freed: whoever looks at the sleepers may be reading its name (waiting()).
void wait_for_report();

void process_begins();
void process_ends();

}  // namespace csp::detail
