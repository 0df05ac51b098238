// SPDX-License-Identifier: Apache-2.0
//
// Writes a trace as Chrome's trace event JSON, for Perfetto and chrome://tracing.
//
// Each process is a row (`tid`), and each event a slice (`X`) that covers the time for which it was
// blocked, because an arrow needs slices at both ends. The arrow of a message is a flow, `flow_out`
// on the send and `flow_in` on the receive, joined by a `bind_id` that is a number and used once in
// the file. No arrow is drawn from a close to the `closed` that saw it, since many may see one
// close. Slices of one row may touch but must not overlap, and none may be empty, or viewers drop
// them; a start that would overlap is moved behind the previous end. In a trace without times each
// event takes ten microseconds.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "show/forms.hpp"
#include "show/writers.hpp"

namespace asyncstream::tools {
namespace {

using nlohmann::json;

constexpr std::int64_t kStride = 10'000;  // nanoseconds, of events without times

double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1000; }

json row_names(const Trace& trace) {
  json result = json::array();
  result.push_back({{"ph", "M"},
                    {"name", "process_name"},
                    {"pid", 1},
                    {"args", {{"name", "asyncstream trace"}}}});
  for (std::size_t i = 0; i < trace.processes.size(); ++i) {
    result.push_back({{"ph", "M"},
                      {"name", "thread_name"},
                      {"pid", 1},
                      {"tid", i + 1},
                      {"args", {{"name", trace.processes[i]}}}});
    result.push_back({{"ph", "M"},
                      {"name", "thread_sort_index"},
                      {"pid", 1},
                      {"tid", i + 1},
                      {"args", {{"sort_index", i}}}});
  }
  return result;
}

json arguments(const Trace& trace, const Event& event) {
  json result = {{"line", event.line}};
  if (!event.message.is_null()) result["msg"] = event.message;
  if (event.step > 0) result["step"] = event.step;
  if (trace.timed) result["seq"] = event.sequence;
  if (event.waited > 0) result["waited_ns"] = event.waited;
  if (event.pair != kNone) result["with"] = peer_of(trace, event);
  return result;
}

json slice(const Trace& trace, std::size_t index, std::int64_t begin, std::int64_t end) {
  const Event& event = trace.events[index];
  json result = {{"ph", "X"},
                 {"name", std::string(name_of(event.op)) + ' ' + subject_of(trace, event)},
                 {"cat", event.op == Op::call_return ? "call" : "channel"},
                 {"pid", 1},
                 {"tid", event.process + 1},
                 {"ts", microseconds(begin)},
                 {"dur", microseconds(end - begin)},
                 {"args", arguments(trace, event)}};
  if ((event.op == Op::send || event.op == Op::recv) && is_whole(trace, event)) {
    const bool sends = event.op == Op::send;
    result["bind_id"] = 1 + (sends ? index : static_cast<std::size_t>(event.pair));
    result[sends ? "flow_out" : "flow_in"] = true;
  }
  return result;
}

json loss(std::uint64_t count, std::int64_t time) {
  return {{"ph", "i"}, {"s", "g"}, {"name", std::to_string(count) + " events lost"},
          {"pid", 1},  {"tid", 1}, {"ts", microseconds(time)}};
}

}  // namespace

void write_chrome(const Trace& trace, std::ostream& out) {
  // The event as text; as json it would take five times the memory.
  using Timed = std::pair<std::int64_t, std::string>;
  std::vector<Timed> timeline;
  std::int64_t start = 0;  // a wait may have begun before the first event
  for (const Event& event : trace.events) start = std::min(start, event.time - event.waited);
  std::vector<std::int64_t> free_from(trace.processes.size(), 0);
  std::int64_t end = 0;
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    std::int64_t& row = free_from[at(event.process)];
    const std::int64_t done =
        trace.timed ? event.time - start : static_cast<std::int64_t>(i) * kStride + kStride / 2;
    const std::int64_t took = trace.timed ? event.waited : kStride / 2;
    const std::int64_t begin = std::max(done - took, row);
    end = std::max(done, begin + 1);
    row = end;
    if (event.lost > 0) timeline.emplace_back(begin, loss(event.lost, begin).dump());
    if (event.shown) timeline.emplace_back(begin, slice(trace, i, begin, end).dump());
  }
  if (trace.lost_at_end > 0) timeline.emplace_back(end, loss(trace.lost_at_end, end).dump());
  std::stable_sort(timeline.begin(), timeline.end(),
                   [](const Timed& left, const Timed& right) { return left.first < right.first; });
  out << "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[";
  const char* separator = "\n";
  for (const json& name : row_names(trace)) out << std::exchange(separator, ",\n") << name.dump();
  for (const auto& [begin, event] : timeline) out << separator << event;
  out << "\n]}\n";
}

}  // namespace asyncstream::tools
