// SPDX-License-Identifier: Apache-2.0
//
// Filters of `asyncstream show`. A name selects every process (or channel) of that name: where
// several streams share a trace, `transfer` selects that of each, and `transfer [7]` one of them.
#include "show/filter.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <system_error>
#include <utility>

#include "show/forms.hpp"

namespace asyncstream::tools {
namespace {

using Complaint = std::optional<std::string>;
using Steps = std::pair<std::int64_t, std::int64_t>;

constexpr std::size_t kMostNames = 20;

std::string list(const std::vector<std::string>& names) {
  std::string result;
  for (std::size_t i = 0; i < std::min(names.size(), kMostNames); ++i) {
    result += (i == 0 ? "" : ", ") + printable(names[i]);
  }
  if (names.size() > kMostNames) {
    result += " and " + std::to_string(names.size() - kMostNames) + " more";
  }
  return names.empty() ? "none" : result;
}

/// Marks in `chosen` what `wanted` names.
Complaint choose(std::string_view kind, const std::vector<std::string>& names,
                 const std::vector<std::string>& wanted, std::vector<bool>& chosen) {
  chosen.assign(names.size(), wanted.empty());
  for (const std::string& want : wanted) {
    bool found = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] != want && names[i].rfind(want + " [", 0) != 0) continue;
      chosen[i] = found = true;
    }
    if (!found) {
      return "no " + std::string(kind) + " \"" + printable(want) +
             "\" in the trace; there are: " + list(names);
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1) return std::nullopt;
  return value;
}

Complaint parse_steps(const std::string& text, const Trace& trace, Steps& steps) {
  steps = {0, std::numeric_limits<std::int64_t>::max()};
  if (text.empty()) return std::nullopt;
  const std::size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  const auto last = dash == text.npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *first > *last) {
    return "bad --steps \"" + printable(text) + "\": give A-B, or one step, counted from 1";
  }
  if (!trace.stepped) return "--steps, but the trace has no steps; drop the option";
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = 0;
  for (const Event& event : trace.events) {
    least = std::min(least, event.step);
    most = std::max(most, event.step);
  }
  if (*first > most || *last < least) {
    return "no step " + printable(text) + " in the trace; there are: " + std::to_string(least) +
           "-" + std::to_string(most);
  }
  steps = {*first, *last};
  return std::nullopt;
}

}  // namespace

std::optional<std::string> apply_filter(const Filter& filter, Trace& trace) {
  std::vector<bool> processes;
  std::vector<bool> channels;
  Steps steps;
  if (Complaint bad = choose("process", trace.processes, filter.processes, processes)) return bad;
  if (Complaint bad = choose("channel", trace.channels, filter.channels, channels)) return bad;
  if (Complaint bad = parse_steps(filter.steps, trace, steps)) return bad;
  for (Event& event : trace.events) {
    const bool channel_shown =
        event.channel == kNone ? filter.channels.empty() : channels[at(event.channel)];
    event.shown = channel_shown && processes[at(event.process)] && event.step >= steps.first &&
                  event.step <= steps.second;
  }
  return std::nullopt;
}

}  // namespace asyncstream::tools
