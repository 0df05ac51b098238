// SPDX-License-Identifier: Apache-2.0
//
// Selects the part of a trace that the user asked for.
//
// Other events are hidden, not removed, so the sender of what a shown process received stays known.
// A filter that names nothing in the trace is an error, whose message lists what there is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "show/trace.hpp"

namespace asyncstream::tools {

struct Filter {
  std::string steps;                   ///< /< "A-B" or "A"; empty: all
  std::vector<std::string> processes;  ///< /< empty: all
  std::vector<std::string> channels;   ///< /< empty: all, and the returns of calls too
};

/// Hides the rest of `trace`. If the filter is wrong, returns a complaint and hides nothing.
std::optional<std::string> apply_filter(const Filter& filter, Trace& trace);

}  // namespace asyncstream::tools
