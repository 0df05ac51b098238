// SPDX-License-Identifier: Apache-2.0
//
// The watchdog turns a hang into a failure. Each test case has a deadline (60 s, longer under
// sanitizers, multiplied by TEST_PATIENCE). When it passes, the watchdog prints which case hangs,
// the seed, each thread's name, state and place in the kernel, and what waits on which channel.
// Then it aborts, so that a core dump or a debugger shows the rest.
//
// The watchdog is one thread that sleeps on its own condition variable, because it must not depend
// on what it watches. A long case may move its deadline with extend_deadline().
#pragma once

#include <chrono>
#include <string>

namespace support {

/// Starts the watchdog thread, which stays until the program ends. Call once.
void start_watchdog();

/// Starts the deadline of a case.
void case_begins(const std::string& name);
void case_ends();

/// Gives the running case this long from now (multiplied in a sanitizer build).
void extend_deadline(std::chrono::seconds from_now);

/// What every thread of this program is doing, as the watchdog prints it.
std::string describe_threads();

}  // namespace support
