// SPDX-License-Identifier: Apache-2.0
//
// Shows why a program seems to hang: `kill -USR1` makes it print the report of csp::waiting(), what
// waits for what, on stderr. The program continues.
#pragma once

namespace asyncstream::tools {

/// Reacts to SIGUSR1 from now on, unless the program was started with the signal ignored. Call
/// once.
void print_waiting_on_signal();

}  // namespace asyncstream::tools
