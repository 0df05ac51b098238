// SPDX-License-Identifier: Apache-2.0
//
// The list of blocked operations: an entry for each operation whose thread sleeps, linked while it
// sleeps, and the number of processes alive. The list is touched only next to a system call that
// puts a thread to sleep, and where a process begins or ends, so its one global lock has no
// measurable cost. Operations that meet without sleeping never reach it. It needs no constructor or
// destructor to run (C48).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "core/lock.hpp"
#include "core/operation.hpp"
#include "csp/detail/core.hpp"

namespace csp::detail {

/// Guards everything that a report reads: this list and that of failed processes. Held across fork.
extern Lock report_lock;

/// The entry of one blocked operation, on the sleeping thread's stack, listed from construction to
/// destruction. Its cases are queued, so their channels are alive.
class Blocked {
 public:
  Blocked(const Operation& operation, std::span<const QueuedCase> cases);
  ~Blocked();
  Blocked(const Blocked&) = delete;
  Blocked& operator=(const Blocked&) = delete;

  std::string_view process() const { return process_; }
  std::span<const QueuedCase> cases() const { return cases_; }
  seam::Clock::time_point since() const { return since_; }

 private:
  friend struct BlockedList;
  const Operation& operation_;
  const std::span<const QueuedCase> cases_;
  const std::string_view process_;
  const bool is_process_;  // false: a thread that is not a csp::Process
  const seam::Clock::time_point since_;
  Blocked* previous_ = nullptr;
  Blocked* next_ = nullptr;
};

struct BlockedCount {
  std::size_t processes = 0;  // alive
  bool all_blocked = false;   // and no message is on its way to any of them
};

/// Calls `visit` with each operation that is blocked at one moment, while the list's lock is held.
BlockedCount visit_blocked(const std::function<void(const Blocked&)>& visit);

/// Implements wait_until_idle() (csp/waiting.hpp).
bool wait_until_all_blocked(seam::Clock::time_point deadline);

/// Counts the processes alive: +1 before a process starts, -1 when its function has ended.
void count_processes(std::ptrdiff_t change);

}  // namespace csp::detail
