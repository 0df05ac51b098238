// SPDX-License-Identifier: Apache-2.0
//
// When are two traces of a scenario the same? When, step by step, every process did the same events
// in the same order; the order between processes inside a step is not part of a trace. Two known
// divergences, both repairs of defects of the reference, are allowed and named; a table in
// compare_traces.cpp says what each may change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

struct Difference {
  std::size_t step;
  std::string process;
  std::vector<std::string> expected;  // that process's events in that step
  std::vector<std::string> actual;
};

struct Verdict {
  std::vector<Difference> differences;   // none: the same, or only as known divergences allow
  std::vector<std::string> divergences;  // the ids that were needed: "D1", "D2"
};

/// `own` is what the port is expected to do where it diverges by D1 (bytes that come with an error
/// are delivered); without it such a scenario must equal the reference.
Verdict compare_traces(const Scenario& scenario, Trace expected, Trace actual,
                       const std::optional<Trace>& own);

/// Of a trace, what the calls returned: all that can be compared where no trace was attached.
Trace returns_of(Trace trace);

/// Why a divergence exists, in one sentence.
std::string reason_of(const std::string& divergence);

/// Both sequences side by side, the first event that differs marked.
std::string side_by_side(const Difference& difference, const std::string& expected_title,
                         const std::string& actual_title);

}  // namespace asyncstream::tools
