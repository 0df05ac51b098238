// SPDX-License-Identifier: Apache-2.0
//
// Threads that use a few channels, written down in one line:
//
//   1,0: s0 s0~ | r0 [s1,r0]! | c0 x
//
// gives the capacities of channels 0, 1, ..., then for each thread what it calls: `s0` send to
// channel 0, `r0` receive from it, `c0` close it, `[s1,r0]` select. Behind it `?` means the try
// form, `~` a deadline, `!` a stop token. `x` requests stop. Every value sent is different.
#pragma once

#include <string>
#include <vector>

#include "linearize/history.hpp"

namespace linearize {

enum class Patience { forever, at_once, timed, stoppable };

struct Action {
  bool requests_stop = false;
  Call call;  // as it is asked for
  Patience patience = Patience::forever;
};

struct Config {
  std::vector<std::size_t> capacities;
  std::vector<std::vector<Action>> threads;
};

/// Throws std::invalid_argument that shows the place it does not understand.
Config parse(const std::string& line);

}  // namespace linearize
