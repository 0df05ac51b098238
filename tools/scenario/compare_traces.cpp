// SPDX-License-Identifier: Apache-2.0
//
// Comparing two traces, with the table of known divergences. See compare_traces.hpp.
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

bool is(const TraceEvent& event, const char* process, const char* op, const char* channel) {
  return event["proc"] == process && event["op"] == op && event.value("chan", "") == channel;
}

/// D2: what readIntoBuffer and transfer do once the stream has closed `requests` with the source
/// still going: the port stops and joins readIntoBuffer, the reference leaks it.
void drop_after_close(Trace& trace, std::size_t step) {
  bool closed = false;
  std::erase_if(trace, [&](const TraceEvent& event) {
    const bool concerned = event["proc"] == "transfer" || event["proc"] == "readIntoBuffer";
    if (is(event, "transfer", "closed", "requests")) {
      closed = true;
      return false;
    }
    if (!concerned || event["step"].get<std::size_t>() < step) return false;
    return event["proc"] == "readIntoBuffer" || closed;
  });
}

/// The step in which the port's transfer had to stop the source, if it had to.
std::optional<std::size_t> stopped_source(const Trace& actual) {
  for (const TraceEvent& event : actual) {
    if (is(event, "transfer", "close", "done")) return event["step"].get<std::size_t>();
  }
  return std::nullopt;
}

bool bytes_with_error(const Scenario& scenario) {
  return scenario.source == Scenario::SourceKind::reader &&
         std::any_of(scenario.steps.begin(), scenario.steps.end(),
                     [](const Step& step) { return step.what == Step::Do::end && step.bytes > 0; });
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

Verdict compare_traces(const Scenario& scenario, Trace expected, Trace actual,
                       const std::optional<Trace>& own) {
  Verdict verdict;
  const std::optional<std::size_t> step = stopped_source(actual);
  if (step) {
    drop_after_close(expected, *step);
    drop_after_close(actual, *step);
    verdict.divergences.push_back("D2");
  }
  verdict.differences = differences(expected, actual);
  if (!verdict.differences.empty() && bytes_with_error(scenario) && own) {
    verdict.divergences.push_back("D1");
    verdict.differences = differences(*own, actual);
  }
  return verdict;
}

Trace returns_of(Trace trace) {
  std::erase_if(trace, [](const TraceEvent& event) { return event["op"] != "return"; });
  return trace;
}

std::string reason_of(const std::string& divergence) {
  static const std::map<std::string, std::string> kReasons{
      {"D1", "bytes that come with an error are delivered; the reference drops them"},
      {"D2", "closing stops and joins a source that goes on; the reference leaks it"}};
  return kReasons.at(divergence);
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
