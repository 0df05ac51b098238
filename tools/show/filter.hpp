// SPDX-License-Identifier: Apache-2.0
//
// What part of a trace the user asked for.
//
// Events outside it are hidden, not removed: who sent what a shown process received stays known.
// A filter that names nothing in the trace is a mistake, and is answered with what there is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "show/trace.hpp"

namespace asyncstream::tools {

struct Filter {
  std::string steps;                   ///< "A-B" or "A"; empty: all
  std::vector<std::string> processes;  ///< empty: all
  std::vector<std::string> channels;   ///< empty: all, and the returns of calls too
};

/// Hides the rest of `trace`; gives a complaint, and hides nothing, if the filter is wrong.
std::optional<std::string> apply_filter(const Filter& filter, Trace& trace);

}  // namespace asyncstream::tools
