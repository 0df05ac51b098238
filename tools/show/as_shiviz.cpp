// SPDX-License-Identifier: Apache-2.0
//
// Writes a trace as a log with vector clocks, for ShiViz.
//
// The clocks are computed here, from the trace alone; nothing is carried at run time. An edge is
// drawn only where the order is certain, so that the picture never claims an order that was chance:
//
//   1. the events of one process, in their order;
//   2. a send before its receive;
//   3. a close before the `closed` that saw it;
//   4. on a rendezvous channel, the receive before the sender's next event: the send completes only
//      with the receive. The send itself is one event and precedes the receive, so the edge goes to
//      the next event.
//
// The capacity of a channel is not in a trace. So 4 applies to the channels that are known to be
// rendezvous channels in every stream, unless the trace shows the sender continuing before the
// receive. `responses` is not among them: it has one slot here and none in the Go reference, and
// the edge that holds for both is implied by the reader's next request. A `closed` on `any` names
// no channel, so it has no edge.
//
// Events that a filter hides pass clocks on but do not tick. So a process counts 1, 2, 3, as ShiViz
// requires, and orders that run through a hidden process are kept.
//
// ShiViz reads the first line as the expression that parses the rest, and the second as a separator
// of executions (none). A host is one word there, so white space in a name becomes `_`.
#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "show/forms.hpp"
#include "show/writers.hpp"

namespace asyncstream::tools {
namespace {

using Clock = std::map<int, std::uint64_t>;  // by process; absent: nothing of it is known

void merge(const Clock& from, Clock& into) {
  for (const auto& [process, ticks] : from) into[process] = std::max(into[process], ticks);
}

std::vector<std::string> host_names(const Trace& trace) {
  std::vector<std::string> result;
  std::set<std::string> taken;
  for (const std::string& process : trace.processes) {
    std::string host = printable(process);
    std::replace_if(
        host.begin(), host.end(), [](unsigned char c) { return std::isspace(c) != 0; }, '_');
    if (host.empty()) host += '_';
    while (!taken.insert(host).second) host += '\'';
    result.push_back(host);
  }
  return result;
}

/// The event that each process does after event i, or kNone.
std::vector<int> followers(const Trace& trace) {
  std::vector<int> next(trace.events.size(), kNone);
  std::vector<int> upcoming(trace.processes.size(), kNone);
  for (std::size_t i = trace.events.size(); i-- > 0;) {
    int& follower = upcoming[at(trace.events[i].process)];
    next[i] = follower;
    follower = static_cast<int>(i);
  }
  return next;
}

/// For each channel, whether a send is known to complete only with its receive (4).
std::vector<bool> rendezvous_channels(const Trace& trace, const std::vector<int>& next) {
  constexpr std::array<std::string_view, 5> kKnown = {"requests", "slices", "add_reader",
                                                      "subtract_reader", "wait_zero_readers"};
  std::vector<bool> result;
  for (const std::string& channel : trace.channels) {
    const std::string name = channel.substr(0, channel.find(" ["));
    result.push_back(std::find(kKnown.begin(), kKnown.end(), name) != kKnown.end());
  }
  for (std::size_t i = 0; i < trace.events.size(); ++i) {
    const Event& event = trace.events[i];
    const bool went_on = event.pair != kNone && next[i] != kNone && next[i] < event.pair;
    if (event.op == Op::send && went_on) result[at(event.channel)] = false;
  }
  return result;
}

std::string text_of(const Clock& clock, const std::vector<std::string>& hosts) {
  nlohmann::json result = nlohmann::json::object();
  for (const auto& [process, ticks] : clock) {
    result[hosts[at(process)]] = ticks;
  }
  return result.dump();
}

}  // namespace

void write_shiviz(const Trace& trace, std::ostream& out) {
  const std::vector<std::string> hosts = host_names(trace);
  const std::vector<int> next = followers(trace);
  const std::vector<bool> rendezvous = rendezvous_channels(trace, next);
  std::vector<Clock> now(trace.processes.size());
  std::map<int, Clock> on_the_way;  // by event: what sends and returns add to it (2, 4)
  std::map<int, Clock> at_close;    // by close: many may see one close (3)
  out << R"((?<host>\S*) (?<clock>{.*})\n(?<event>.*))"
      << "\n\n";
  std::uint64_t lost = 0;
  for (int index = 0; index < static_cast<int>(trace.events.size()); ++index) {
    const Event& event = trace.events[at(index)];
    Clock& clock = now[at(event.process)];
    if (const auto arrived = on_the_way.find(index); arrived != on_the_way.end()) {
      merge(arrived->second, clock);
      on_the_way.erase(arrived);
    }
    if (event.op == Op::closed && event.pair != kNone) merge(at_close[event.pair], clock);
    if (event.shown) ++clock[event.process];
    if (event.op == Op::close) at_close[index] = clock;
    if (event.op == Op::send && event.pair != kNone) merge(clock, on_the_way[event.pair]);
    if (event.op == Op::recv && event.pair != kNone && rendezvous[at(event.channel)]) {
      const int after_send = next[at(event.pair)];
      if (after_send != kNone) merge(clock, on_the_way[after_send]);
    }
    lost += event.lost;
    if (!event.shown) continue;
    out << hosts[at(event.process)] << ' ' << text_of(clock, hosts) << '\n'
        << describe(trace, event);
    if (lost > 0) out << " (" << lost << " events lost before this)";
    lost = 0;
    out << '\n';
  }
}

}  // namespace asyncstream::tools
