// SPDX-License-Identifier: Apache-2.0
//
// A trace, as the writers of all output formats see it.
//
// Two kinds of file become one. The canonical trace of a scenario tells what each process did in
// each step, but not how the processes interleaved. The live trace of a running program has a
// global sequence number and times. read_trace() brings both into an order that could have
// happened, and pairs each receive with its send, so a writer only walks along `events`:
//
//   1. The events of one process are in the order in which it did them.
//   2. A send precedes the receive that it is paired with, and a close what saw it.
//   3. `pair` is mutual for a send and a receive; a `closed` names the close that it saw.
//
// Filters hide events and never remove them, so clocks, pairs and the names of peers stay true.
#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace asyncstream::tools {

/// An index that is not kNone, in the type that containers use.
constexpr std::size_t at(int index) { return static_cast<std::size_t>(index); }

enum class Op : std::uint8_t { send, recv, close, closed, call_return };

/// No channel, no pair.
constexpr int kNone = -1;

struct Event {
  Op op = Op::send;
  bool shown = true;
  int process = 0;          ///< /< index into Trace::processes
  int channel = kNone;      ///< /< index into Trace::channels; kNone for a return
  int pair = kNone;         ///< /< index into Trace::events
  std::int64_t step = 0;    ///< /< 0: the trace has no steps
  std::int64_t time = 0;    ///< /< nanoseconds since the first event
  std::int64_t waited = 0;  ///< /< nanoseconds blocked before it completed, at `time`
  std::uint64_t sequence = 0;
  std::uint64_t lost = 0;  ///< /< events lost to an overflow before this one
  std::size_t line = 0;    ///< /< in the file
  std::string call;        ///< /< of a return
  nlohmann::json message;  ///< /< null: none
};

struct Trace {
  nlohmann::json scenario;  ///< /< null in a live trace
  bool timed = false;       ///< /< events have times and a sequence number
  bool stepped = false;     ///< /< events have steps
  std::uint64_t lost_at_end = 0;
  std::vector<std::string>
      processes;  ///< /< display names, with the stream's label if there are several
  std::vector<std::string> channels;
  std::vector<Event> events;
};

/// The event at the other end, or null.
inline const Event* pair_of(const Trace& trace, const Event& event) {
  return event.pair == kNone ? nullptr : &trace.events[at(event.pair)];
}

/// Whether both ends of a message, or a close and what saw it, are shown.
inline bool is_whole(const Trace& trace, const Event& event) {
  const Event* pair = pair_of(trace, event);
  return pair != nullptr && pair->shown && event.shown;
}

/// Where a trace stops making sense.
struct Broken {
  std::size_t line;
  std::string reason;
};

struct ReadTrace {
  Trace trace;  ///< /< all that was whole before `broken`
  std::optional<Broken> broken;
};

/// Reads either kind of trace, up to its end or the first line that cannot be one of it.
ReadTrace read_trace(std::istream& input);

/// Puts events, in file order, into an order that could have happened, and pairs them. The first
/// function is for canonical traces, the second for live ones, whose events are sorted by sequence.
void replay_steps(Trace& trace);
void pair_in_sequence(Trace& trace);

}  // namespace asyncstream::tools
