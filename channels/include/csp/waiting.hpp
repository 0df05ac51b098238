// SPDX-License-Identifier: Apache-2.0
//
// Which process waits for what: the answer to "why does it hang?". The layer knows every thread
// that sleeps in a channel operation, and on which channels; Go prints this when all goroutines are
// asleep. A thread that waits otherwise, for a lock, a file, or in Process::join(), counts as
// running.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace csp {

struct WaitingProcess {
  std::string process;
  std::vector<std::string> cases;  ///< "recv requests", "send (no name)"; none: for nothing
  std::chrono::nanoseconds since;  ///< how long this operation has been waiting
};

/// A process that ended by an exception and was not joined yet.
struct FailedProcess {
  std::string process;
  std::string what;
};

struct WaitingReport {
  std::vector<WaitingProcess> waiting;
  std::vector<FailedProcess> failed;
  std::size_t processes = 0;  ///< csp::Process objects running now
  bool all_asleep = false;    ///< all of those sleep, and nothing is on its way to any of them
};

/// A snapshot, true at one moment. It only looks: nothing goes on because of it. Thread-safe; takes
/// two short locks.
WaitingReport waiting();

/// The report as a table for people, ending in a line that says whether all processes are asleep.
std::string to_text(const WaitingReport& report);

/// Blocks until all processes are asleep (or gone) and no message is on its way between them; false
/// when the deadline passes first. Only what comes from outside (another thread, a clock, a stop
/// request) can then change anything. For tools and tests; called from outside the processes.
bool wait_until_idle(std::chrono::steady_clock::time_point deadline);

}  // namespace csp
