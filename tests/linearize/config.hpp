// SPDX-License-Identifier: Apache-2.0
//
// Threads that use a few channels, written in one line:
//
//   1,0: s0 s0~ | r0 [s1,r0]! | c0 x
//
// The line gives the capacities of channels 0, 1, ..., then the calls of each thread: `s0` sends to
// channel 0, `r0` receives from it, `c0` closes it, `[s1,r0]` selects. A suffix `?` means the try
// form, `~` a deadline, `!` a stop token. `x` requests stop. Every value sent is different.
#pragma once

#include <string>
#include <vector>

#include "linearize/history.hpp"

namespace linearize {

enum class Patience { forever, at_once, timed, stoppable };

struct Action {
  bool requests_stop = false;
  Call call;  // the call, without results
  Patience patience = Patience::forever;
};

struct Config {
  std::vector<std::size_t> capacities;
  std::vector<std::vector<Action>> threads;
};

/// Throws std::invalid_argument, which quotes the text that it cannot parse.
Config parse(const std::string& line);

}  // namespace linearize
