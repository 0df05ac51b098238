// SPDX-License-Identifier: Apache-2.0
//
// Who waits for what: the answer to "why does it hang?". The layer knows every thread that sleeps
// in a channel operation, and on which channels; Go prints this when all goroutines are asleep. Who
// waits otherwise, for a lock, a file, or in Process::join(), counts as running.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace csp {

struct WaitingProcess {
  std::string process;
  std::vector<std::string> cases;  ///< "recv requests", "send (no name)"; none: for nothing
  std::chrono::nanoseconds since;
};

struct WaitingReport {
  std::vector<WaitingProcess> waiting;
  std::size_t processes = 0;  ///< csp::Process objects running now
  bool all_asleep = false;    ///< all of those sleep, and nothing is on its way to any of them
};

/// A snapshot, true at one moment. Thread-safe; takes one short lock, and holds the served
/// processes that are parked meanwhile: what comes for one of them then is done by the caller.
WaitingReport waiting();

/// The report as a table for people, ending in a line that says whether all processes are asleep.
std::string to_text(const WaitingReport& report);

/// Blocks until all processes are asleep (or gone) and no message is on its way between them; false
/// when the deadline passes first. Only what comes from outside (another thread, a clock, a stop
/// request) can then change anything. For tools and tests; called from outside the processes.
bool wait_for_rest(std::chrono::steady_clock::time_point deadline);

}  // namespace csp
