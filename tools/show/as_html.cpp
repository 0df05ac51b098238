// SPDX-License-Identifier: Apache-2.0
//
// Writes a trace as one page: chart.html, with the trace inserted as JSON.
//
// The page does all drawing. This file turns the shown events into rows of an array, in which pairs
// refer to each other by their new places; an event whose other end is hidden names that process
// instead. The JSON is inside a <script> element, where only `<` could end it early. So each `<` is
// written as an escape, which JSON reads back as the same character.
#include <string>
#include <string_view>
#include <vector>

#include "show/chart_page.hpp"
#include "show/forms.hpp"
#include "show/writers.hpp"

namespace asyncstream::tools {
namespace {

using nlohmann::json;

constexpr std::string_view kPlace = "@TRACE@";

json step_titles(const Trace& trace) {
  json result = json::object();
  std::int64_t step = 0;
  for (const Event& event : trace.events) {
    if (event.step == step) continue;
    step = event.step;
    result[std::to_string(step)] = step_title(trace, step);
  }
  return result;
}

void write_safely(std::string_view text, std::ostream& out) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t angle = text.find('<', begin);
    out << text.substr(begin, angle == text.npos ? text.npos : angle - begin);
    if (angle == text.npos) return;
    out << "\\u003c";
    begin = angle + 1;
  }
}

}  // namespace

void write_html(const Trace& trace, std::ostream& out) {
  std::vector<int> places(trace.events.size(), kNone);
  int shown = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (trace.events[i].shown) places[i] = shown++;
  }
  const std::size_t place = kChartPage.find(kPlace);
  out << kChartPage.substr(0, place);
  const json head = {{"name", scenario_text(trace, "name")},
                     {"about", scenario_text(trace, "about")},
                     {"timed", trace.timed},
                     {"processes", trace.processes},
                     {"channels", trace.channels},
                     {"steps", step_titles(trace)},
                     {"total", trace.events.size()},
                     {"lostAtEnd", trace.lost_at_end}};
  write_safely("{\"head\":" + head.dump() + ",\"events\":[", out);
  std::string_view separator = "\n";
  std::uint64_t lost = 0;
  for (const Event& event : trace.events) {
    lost += event.lost;
    if (!event.shown) continue;
    const bool paired = event.pair != kNone;
    const int pair = paired ? places[at(event.pair)] : kNone;
    const int peer = paired ? trace.events[at(event.pair)].process : kNone;
    const json row = {static_cast<int>(event.op),
                      event.process,
                      event.channel,
                      pair,
                      peer,
                      event.step,
                      event.time,
                      event.waited,
                      event.sequence,
                      event.line,
                      lost,
                      short_message(event.message),
                      event.message,
                      event.call};
    lost = 0;
    out << separator;
    write_safely(row.dump(), out);
    separator = ",\n";
  }
  out << "]}" << kChartPage.substr(place + kPlace.size());
}

}  // namespace asyncstream::tools
