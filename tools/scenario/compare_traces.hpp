// SPDX-License-Identifier: Apache-2.0
//
// Decides whether two traces of a scenario are the same. They are if in each step every process has
// the same events in the same order; the order between processes in a step is not part of a trace.
// Where the library repairs a defect of the reference, divergences.hpp says what is expected
// instead.
#pragma once

#include <string>
#include <vector>

#include "scenario/divergences.hpp"

namespace asyncstream::tools {

struct Difference {
  std::size_t step;
  std::string process;
  std::vector<std::string> expected;  // that process's events in that step
  std::vector<std::string> actual;
};

struct Verdict {
  std::vector<Difference> differences;  // none: the same, or diverging as required
  std::vector<std::string> divergences;
};

/// `reference` is what the reference did with expectation.equivalent. If not `traced`, only the
/// results of calls are compared.
Verdict compare_traces(const Expectation& expectation, Trace reference, Trace actual, bool traced);

/// Both sequences side by side, with the first differing event marked.
std::string side_by_side(const Difference& difference, const std::string& expected_title,
                         const std::string& actual_title);

}  // namespace asyncstream::tools
