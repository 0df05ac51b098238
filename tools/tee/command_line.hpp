// SPDX-License-Identifier: Apache-2.0
//
// The words of the command line that name sinks. They are taken out of it before the rest is
// parsed, since the parser keeps no order among files and commands, takes "[x]" for a list, and
// does not expect an argument behind "--" once it has one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tee/plan.hpp"

namespace asyncstream::tools::tee {

/// Takes the sinks, in their order: files, "--pipe CMD", and all behind "--". `takes_value` says of
/// an option whether the next word is its value. What makes no sense is left to the parser.
std::vector<SinkPlan> take_sinks(std::vector<std::string>& words,
                                 const std::function<bool(const std::string&)>& takes_value);

}  // namespace asyncstream::tools::tee
