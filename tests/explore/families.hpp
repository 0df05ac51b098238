// SPDX-License-Identifier: Apache-2.0
//
// Families of scenarios: what the explorer runs when its command line names no scenario. Each
// family states its bound on preemptions, and which share of its scenarios the short form runs,
// which must be affordable in every build.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "explore/search.hpp"

namespace explore {

/// A scenario of a stream if the line begins with "stream", otherwise of channels. Throws
/// std::invalid_argument.
std::unique_ptr<Scenario> scenario_of(const std::string& line);

/// `lines` makes all scenarios of the family; two that differ only in the order of threads count as
/// one.
struct Family {
  const char* name;
  const char* what;
  std::optional<Bound> bound;  // none: at random, not exhaustively
  std::size_t every;           // the short form runs one scenario out of this many
  std::vector<std::string> (*lines)();
};
std::vector<Family> families();

}  // namespace explore
