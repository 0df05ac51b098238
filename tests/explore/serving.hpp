// SPDX-License-Identifier: Apache-2.0
//
// Scenarios of processes without threads (csp::serving), each a line again:
//
//   serving 2: s s~ | n c | j
//
// gives how many processes there are in a chain, each of which passes on what it gets; with a ~
// (2 ~:) the first of them ends, too, when nothing has come for some time; time may fly between any
// two looks at the clock (1 flies:), or fly or stand still (1 varies:). Then for each thread what
// it calls, all on the first of the processes:
//   s s? s~   sends; if it can be done at once; until a deadline
//   n         sends while it runs no handlers of others (csp::never_carry)
//   e         sends the message that ends the process
//   c C       closes its channel; carrying what follows from that (csp::carry_closes)
//   j         joins it
// When all threads have ended, the channel is closed and all processes are joined.
//
// Judged: every call returns; the last process has got exactly what was sent with success; when a
// process is joined its function is destroyed and its thread done, and at the end no thread is
// left, and nobody in a lobby.
#pragma once

#include <memory>
#include <string>

#include "explore/model.hpp"

namespace explore {

std::unique_ptr<Scenario> serving_scenario(const std::string& line);

}  // namespace explore
