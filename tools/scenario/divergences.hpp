// SPDX-License-Identifier: Apache-2.0
//
// What a scenario makes this library do otherwise than the reference. That follows from the
// scenario alone, never from what a side did, so that a library that has lost such a repair, or
// makes it where there is nothing to repair, differs from what is expected. The rules stand in one
// table, in divergences.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

struct Expectation {
  std::vector<std::string> divergences;  // the ids of those that apply, in the table's order

  /// The scenario with which the reference does what the library is to do with the given one; the
  /// given one itself if no step had to be another. `kept` has the numbers that its steps have
  /// there.
  nlohmann::json equivalent;
  std::vector<std::size_t> kept;

  std::optional<std::size_t> stops_source;  // D2: the step that closes the stream
  Trace refused;                            // D5: the returns of calls that `equivalent` lacks
};

Expectation expectation_of(const Scenario& scenario);

/// What the library is to do with the scenario, where that is what the reference does with
/// `equivalent`.
Trace expected_trace(const Expectation& expectation, Trace of_equivalent);

/// Why a divergence exists, in one sentence.
std::string reason_of(const std::string& divergence);

}  // namespace asyncstream::tools
