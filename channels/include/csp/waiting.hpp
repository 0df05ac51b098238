// SPDX-License-Identifier: Apache-2.0
//
// Which process waits for what: the answer to "why does it hang?". The library knows each thread
// that sleeps in a channel operation, and on which channels; Go prints this when all goroutines are
// asleep. A thread that waits in another way (for a lock, a file, or in Process::join()) counts as
// running.
//
//   std::fputs(csp::to_text(csp::waiting()).c_str(), stderr);
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace csp {

/// A thread that is blocked in a channel operation.
struct WaitingProcess {
  std::string process;
  std::vector<std::string> cases;  ///< "recv requests", "send (no name)"; empty if all are nil
  std::chrono::nanoseconds since;  ///< how long this operation has been waiting
};

/// A process that ended by an exception and has not been joined yet.
struct FailedProcess {
  std::string process;
  std::string what;
};

/// What waiting() found.
struct WaitingReport {
  std::vector<WaitingProcess> waiting;
  std::vector<FailedProcess> failed;
  std::size_t processes = 0;  ///< csp::Process objects running now
  bool all_asleep = false;    ///< all of those sleep, and no message is on its way to them
};

/// A snapshot of one moment. It only observes and changes nothing. Takes two short locks; throws
/// std::bad_alloc. Thread-safe.
WaitingReport waiting();

/// The report as a table for people. Its last line says whether all processes are asleep.
/// Thread-safe.
std::string to_text(const WaitingReport& report);

/// Blocks until all processes are asleep or have ended, and no message is on its way between them;
/// then returns true. Only something from outside (another thread, a clock, a stop request) can
/// change anything from that moment on. Returns false if the deadline passes first. For tools and
/// tests; call it on a thread that is not a csp::Process. Thread-safe.
bool wait_until_idle(std::chrono::steady_clock::time_point deadline);

}  // namespace csp
