// SPDX-License-Identifier: Apache-2.0
//
// The watchdog turns a hang into a failure. Each test case has a deadline (60 s, longer under
// sanitizers, TEST_PATIENCE multiplies); when it passes, the watchdog prints which case hangs, the
// seed, for every thread of the program its name, state and where in the kernel it sleeps, and who
// waits on which channel, and aborts, so that a core dump or a debugger has the rest.
//
// It is one thread that sleeps on a condition variable of its own: it must not depend on what it
// watches. Cases may move their deadline with extend_deadline(), for the few that are long.
#pragma once

#include <chrono>
#include <string>

namespace support {

/// Starts the watchdog thread; it stays until the program ends. Call once.
void start_watchdog();

/// A case begins; it must end within the deadline.
void case_begins(const std::string& name);
void case_ends();

/// Gives the running case this long from now (times the patience of a sanitizer build).
void extend_deadline(std::chrono::seconds from_now);

/// What every thread of this program is doing, as the watchdog prints it.
std::string describe_threads();

}  // namespace support
