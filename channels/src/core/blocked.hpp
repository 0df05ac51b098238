// SPDX-License-Identifier: Apache-2.0
//
// The list of blocked operations: each whose thread sleeps, linked while it sleeps, and the number
// of processes alive. It is touched only next to a system call that puts a thread to sleep, and
// where a process begins or ends, so its one global lock costs nothing that can be measured;
// operations that meet without sleeping never come here. It has no constructor to run and no
// destructor (C48).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "core/lock.hpp"
#include "core/operation.hpp"
#include "csp/detail/core.hpp"

namespace csp::detail {

/// Guards all that a report reads: this list, and that of failed processes. Held over a fork.
extern Lock report_lock;

/// On the sleeping thread's stack, listed from construction to destruction. Its cases are queued,
/// so their channels live.
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
  const bool is_process_;  // rather than a thread that is none
  const seam::Clock::time_point since_;
  Blocked* previous_ = nullptr;
  Blocked* next_ = nullptr;
};

struct BlockedCount {
  std::size_t processes = 0;  // alive
  bool all_blocked = false;   // and nothing is on its way to any of them
};

/// Calls `visit` with each operation that is blocked at one moment, under the list's lock.
BlockedCount visit_blocked(const std::function<void(const Blocked&)>& visit);

/// See csp/waiting.hpp.
bool wait_until_all_blocked(seam::Clock::time_point deadline);

void process_begins();
void process_ends();

}  // namespace csp::detail
