// SPDX-License-Identifier: Apache-2.0
//
// Families of scenarios: what the explorer runs when nobody names one. Each has the bound of
// preemptions and the share of its scenarios that fit the short form, which every build can afford.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explore/search.hpp"

namespace explore {

/// Of channels, or of a stream if the line begins with "stream". Throws std::invalid_argument.
std::unique_ptr<Scenario> scenario_of(const std::string& line);

/// Lines: all scenarios of a kind, without those that differ only in the order of their threads.
struct Family {
  const char* name;
  const char* what;
  std::optional<Bound> bound;  // none: at random, not exhaustively
  std::size_t every;           // the short form takes one of so many
  std::vector<std::string> (*lines)();
};
std::vector<Family> families();

}  // namespace explore
