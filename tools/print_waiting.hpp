// SPDX-License-Identifier: Apache-2.0
//
// SIGUSR1 asks the program who waits for what: when it seems to hang, `kill -USR1` prints the table
// of csp::waiting() on stderr, and it goes on as before.
#pragma once

namespace asyncstream::tools {

/// From now on; unless the signal is ignored, as whoever started us may have wished. Call once.
void print_waiting_on_signal();

}  // namespace asyncstream::tools
