// SPDX-License-Identifier: Apache-2.0
//
// Makes a scenario smaller, as long as it still shows a given fault.
#pragma once

#include <functional>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

/// Removes readers, steps and bytes, one after the other, until nothing more can be removed.
inline Scenario shrink(Scenario scenario, const std::function<bool(const Scenario&)>& still_shows) {
  using nlohmann::json;
  const auto attempt = [&](const std::function<void(json&)>& change) {
    json smaller = scenario.json;
    change(smaller["steps"]);
    if (smaller == scenario.json) return false;
    try {
      Scenario parsed = parse_scenario(smaller, scenario.name);
      if (!still_shows(parsed)) return false;
      scenario = std::move(parsed);
      return true;
    } catch (const BadInput&) {
      return false;  // steps that make no sense without the removed one
    }
  };

  for (bool changed = true; changed;) {
    changed = false;
    for (int reader = 1; reader <= 9; ++reader) {
      changed |= attempt([&](json& steps) {
        json kept = json::array();
        for (const json& step : steps) {
          if (step.value("reader", 0) != reader) kept.push_back(step);
        }
        steps = kept;
      });
    }
    for (std::size_t i = scenario.steps.size(); i-- > 0;) {
      if (i >= scenario.steps.size()) continue;
      changed |= attempt([&](json& steps) { steps.erase(i); });
    }
    for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
      for (const char* field : {"bytes", "max"}) {
        changed |= attempt([&](json& steps) {
          if (steps[i].value(field, 0) > 1) steps[i][field] = steps[i][field].get<int>() / 2;
        });
      }
    }
  }
  return scenario;
}

}  // namespace asyncstream::tools
