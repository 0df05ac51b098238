// SPDX-License-Identifier: Apache-2.0
//
// Compares two traces, as compare_traces.hpp says.
#include "scenario/compare_traces.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace asyncstream::tools {
namespace {

using Key = std::pair<std::size_t, std::string>;  // step, process
using Sequences = std::map<Key, std::vector<std::string>>;

std::string describe(const TraceEvent& event) {
  std::string text = event["op"].get<std::string>();
  for (const char* key : {"chan", "call"}) {
    if (event.contains(key)) text.append(" ").append(event[key].get<std::string>());
  }
  if (event.contains("msg")) {
    for (const auto& [key, value] : event["msg"].items()) {
      text.append(" ").append(key).append("=");
      text += value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  return text;
}

Sequences sequences(const Trace& trace) {
  Sequences result;
  for (const TraceEvent& event : trace) {
    result[{event["step"].get<std::size_t>(), event["proc"].get<std::string>()}].push_back(
        describe(event));
  }
  return result;
}

std::vector<Difference> differences(const Trace& expected, const Trace& actual) {
  Sequences left = sequences(expected);
  Sequences right = sequences(actual);
  for (const auto& [key, events] : left) right.try_emplace(key);
  std::vector<Difference> result;
  for (const auto& [key, events] : right) {
    if (left[key] != events) result.push_back({key.first, key.second, left[key], events});
  }
  return result;
}

}  // namespace

Verdict compare_traces(const Expectation& expectation, Trace reference, Trace actual, bool traced) {
  Trace expected = expected_trace(expectation, std::move(reference));
  const auto is_refused = [&](const TraceEvent& event) {
    return std::ranges::any_of(expectation.refused, [&](const TraceEvent& refused) {
      return refused["step"] == event["step"];
    });
  };
  for (Trace* const trace : {&expected, &actual}) {
    std::erase_if(*trace, [&](const TraceEvent& event) {
      return event["op"] != "return" && (!traced || is_refused(event));
    });
  }
  return {differences(expected, actual), expectation.divergences};
}

std::string side_by_side(const Difference& difference, const std::string& expected_title,
                         const std::string& actual_title) {
  std::size_t width = expected_title.size();
  for (const std::string& event : difference.expected) width = std::max(width, event.size());
  const auto row = [&](std::string mark, const std::string& left, const std::string& right) {
    return "    " + mark + " " + left + std::string(width - left.size() + 2, ' ') + right + "\n";
  };
  std::string text = "  step " + std::to_string(difference.step) + ", " + difference.process +
                     "\n" + row(" ", expected_title, actual_title);
  bool marked = false;
  const std::size_t rows = std::max(difference.expected.size(), difference.actual.size());
  for (std::size_t i = 0; i < rows; ++i) {
    const std::string left = i < difference.expected.size() ? difference.expected[i] : "-";
    const std::string right = i < difference.actual.size() ? difference.actual[i] : "-";
    const bool first = !marked && left != right;
    marked = marked || first;
    text += row(first ? ">" : " ", left, right);
  }
  return text;
}

}  // namespace asyncstream::tools
