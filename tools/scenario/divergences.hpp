// SPDX-License-Identifier: Apache-2.0
//
// Determines where a scenario makes this library behave differently from the reference. This
// follows from the scenario alone, never from what a side did. So a library that has lost such a
// repair, or makes it where nothing needs repair, differs from what is expected. The rules are one
// table, in divergences.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

struct Expectation {
  std::vector<std::string> divergences;  // the ids of those that apply, in the table's order

  /// The scenario with which the reference does what the library must do with the given one. It is
  /// the given one itself if no step had to change. `kept` has the numbers that its steps have
  /// there.
  nlohmann::json equivalent;
  std::vector<std::size_t> kept;

  std::optional<std::size_t> stops_source;  // D2: the step that closes the stream
  Trace refused;                            // D5: the returns of calls that `equivalent` lacks
};

Expectation expectation_of(const Scenario& scenario);

/// What the library must do with the scenario, given what the reference does with `equivalent`.
Trace expected_trace(const Expectation& expectation, Trace of_equivalent);

/// The reason for a divergence, in one sentence.
std::string reason_of(const std::string& divergence);

}  // namespace asyncstream::tools
