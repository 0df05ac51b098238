// SPDX-License-Identifier: Apache-2.0
//
// The table of divergences of divergences.hpp.
#include "scenario/divergences.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace asyncstream::tools {
namespace {

using nlohmann::json;
using Do = Step::Do;
using Kind = Scenario::SourceKind;

/// The part of a stream's state that the rules need.
struct State {
  enum class Reader { unknown, open, closed, refused };
  static constexpr int kEmptyReads = 100;  // after this many the library reports no_progress

  explicit State(const Scenario& scenario)
      : source(scenario.source),
        room(scenario.source == Kind::slice ? 0 : scenario.buffer),
        ended(scenario.source == Kind::slice) {}

  Reader reader(const Step& step) const {
    const auto found = step.reader ? readers.find(*step.reader) : readers.end();
    return found == readers.end() ? Reader::unknown : found->second;
  }

  bool pulled() const { return source == Kind::reader && !ended; }
  bool empty_read(const Step& step) const {
    return pulled() && step.what == Do::feed && step.bytes == 0;
  }

  void advance(const Step& step) {
    if (step.what == Do::feed || step.what == Do::end) take(step);
    if (step.what == Do::open) readers[*step.reader] = closed ? Reader::refused : Reader::open;
    if (step.what == Do::close_reader && reader(step) == Reader::open) {
      readers[*step.reader] = Reader::closed;
    }
    if (step.what == Do::close) closing = true;
    // An open that waits for a place gets it before a close is served, so it counts as open.
    closed = closing && std::none_of(readers.begin(), readers.end(), [](const auto& entry) {
               return entry.second == Reader::open;
             });
    ended = ended || closed;
  }

  Kind source;
  std::size_t room;  // in the buffer
  bool ended;        // the source is not read any more
  int empty_reads = 0;
  std::map<int, Reader> readers;
  bool closing = false;
  bool closed = false;

 private:
  void take(const Step& step) {
    if (ended) return;
    empty_reads = empty_read(step) ? empty_reads + 1 : 0;
    ended = step.what == Do::end || step.bytes > room || empty_reads == kEmptyReads;
    room -= std::min(room, step.bytes);
  }
};

json nothing_instead(const json&) { return nullptr; }

/// An id, a reason, whether the rule applies to a step, and the step with which the reference gives
/// the library's result: what `instead` returns (null: no step), or, without `instead`, the same
/// step.
struct Rule {
  const char* id;
  const char* reason;
  bool (*applies)(const State& before, const Step& step, const State& after);
  json (*instead)(const json& step) = nullptr;
};

constexpr std::array kRules{
    Rule{"D1", "bytes that come with an error are delivered; the reference drops them",
         [](const State& before, const Step& step, const State&) {
           return before.pulled() && step.what == Do::end && !step.apart && step.bytes > 0 &&
                  step.bytes <= before.room;  // otherwise the overflow ends the source first
         },
         [](const json& step) {
           json apart = step;
           apart["apart"] = true;
           return apart;
         }},
    Rule{"D2", "closing stops and joins a source that goes on; the reference leaks it",
         [](const State& before, const Step&, const State& after) {
           return after.closed && !before.ended;
         }},
    Rule{"D3",
         "an empty read behind a full buffer is repeated; the reference ends the stream and never "
         "answers the reads that wait",
         [](const State& before, const Step& step, const State&) {
           return before.empty_read(step) && before.room == 0;
         },
         nothing_instead},
    Rule{"D5", "use after close is an error; the reference panics",
         [](const State& before, const Step& step, const State& after) {
           if (after.reader(step) == State::Reader::refused) return true;
           return before.reader(step) == State::Reader::closed &&
                  (step.what == Do::read || step.what == Do::write_to);
         },
         nothing_instead},
    Rule{"D7",
         "a source that gives nothing a hundred times has failed; the reference keeps reading",
         [](const State& before, const Step& step, const State&) {
           return before.empty_read(step) && before.empty_reads + 1 == State::kEmptyReads;
         },
         [](const json&) {
           return json{{"do", "end"}, {"error", "no_progress"}};
         }},
};

/// The result of a call on something closed (D5).
json refusal(const Step& step, std::size_t number) {
  const std::string process = "reader" + std::to_string(*step.reader);
  json event{{"step", number}, {"proc", process}, {"op", "return"}, {"msg", {{"error", "closed"}}}};
  switch (step.what) {
    case Do::open:
      event["call"] = "open";
      break;
    case Do::close_reader:
      event["call"] = "close";
      break;
    default:
      event["call"] = step.what == Do::read ? "read" : "write_to";
      event["msg"].update({{"n", 0}, {"crc32", "00000000"}});
  }
  return event;
}

/// D2, from the step that closes the stream on: replaces what the reference's readIntoBuffer does,
/// and its transfer after it has seen `requests` closed.
void stop_source(Trace& trace, std::size_t step) {
  bool closed = false;
  std::erase_if(trace, [&](const TraceEvent& event) {
    if (event["step"].get<std::size_t>() < step) return false;
    if (event["proc"] == "readIntoBuffer") return true;
    if (event["proc"] != "transfer") return false;
    return std::exchange(closed, closed || event["op"] == "closed");
  });
  const auto add = [&](const char* process, const char* op, const char* channel) {
    trace.push_back({{"step", step}, {"proc", process}, {"op", op}, {"chan", channel}});
  };
  add("transfer", "close", "done");
  add("readIntoBuffer", "closed", "done");
  add("readIntoBuffer", "close", "slices");
}

}  // namespace

Expectation expectation_of(const Scenario& scenario) {
  Expectation result;
  result.equivalent = scenario.json;
  json& steps = result.equivalent["steps"] = json::array();
  State before(scenario);
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const Step& step = scenario.steps[i];
    State after = before;
    after.advance(step);
    json played = scenario.json["steps"][i];
    for (const Rule& rule : kRules) {
      if (!rule.applies(before, step, after)) continue;
      if (rule.instead) played = rule.instead(played);
      if (rule.id == std::string_view("D2")) result.stops_source = i + 1;
      if (rule.id == std::string_view("D5") && step.what != Do::await) {
        result.refused.push_back(refusal(step, i + 1));
      }
      if (std::ranges::count(result.divergences, rule.id) == 0) {
        result.divergences.push_back(rule.id);
      }
    }
    if (!played.is_null()) {
      steps.push_back(std::move(played));
      result.kept.push_back(i + 1);
    }
    before = std::move(after);
  }
  std::ranges::sort(result.divergences);
  return result;
}

Trace expected_trace(const Expectation& expectation, Trace of_equivalent) {
  Trace& trace = of_equivalent;
  for (TraceEvent& event : trace) {
    const std::size_t index = event["step"].get<std::size_t>() - 1;
    if (index < expectation.kept.size()) event["step"] = expectation.kept[index];
  }
  trace.insert(trace.end(), expectation.refused.begin(), expectation.refused.end());
  if (expectation.stops_source) stop_source(trace, *expectation.stops_source);
  return of_equivalent;
}

std::string reason_of(const std::string& divergence) {
  return std::ranges::find(kRules, divergence, &Rule::id)->reason;
}

}  // namespace asyncstream::tools
