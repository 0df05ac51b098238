// SPDX-License-Identifier: Apache-2.0
//
// Turns JSON Lines into a Trace: parses, checks and names.
//
// A trace is often the last output of a dying program, so it may end in the middle of a line.
// Everything before the first bad line is kept, and the line and the reason are reported. The first
// event determines the kind of the file: with `seq` it is a live trace, in which every event must
// have `seq` and `time`; without, a canonical one, in which every event must have `step`. Events
// that were lost to an overflow are reported by the event after them (`dropped`), or by a separate
// line.
//
// Names: `transfer` of one stream and `transfer` of another are two processes. If the file has
// several stream labels, the display name includes the label, as in `transfer [7]`.
//
// A line nested deeper than kMaxDepth is refused, because writing a value out again recurses.
#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "show/trace.hpp"

namespace asyncstream::tools {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 100;
constexpr std::int64_t kMaxInteger = std::int64_t{1} << 60;

struct BadLine : std::runtime_error {
  using std::runtime_error::runtime_error;
};

json parse_line(const std::string& line, bool unfinished) {
  const auto limit_depth = [](int depth, json::parse_event_t, const json&) {
    if (depth > kMaxDepth) throw BadLine("nested deeper than " + std::to_string(kMaxDepth));
    return true;
  };
  try {
    // Checking the depth costs half as much again as parsing, so only suspect lines are checked.
    const auto opened = std::count_if(line.begin(), line.end(),
                                      [](char byte) { return byte == '{' || byte == '['; });
    return opened > kMaxDepth ? json::parse(line, limit_depth) : json::parse(line);
  } catch (const json::parse_error& error) {
    if (unfinished) throw BadLine("the line is cut off: the trace is truncated");
    throw BadLine("not JSON from its byte " + std::to_string(error.byte) + " on");
  }
}

std::int64_t integer(const json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end()) throw BadLine(std::string("no field \"") + field + '"');
  const bool whole = found->is_number_unsigned();
  if (!whole || found->get<std::uint64_t>() > std::uint64_t{kMaxInteger}) {
    throw BadLine(std::string("\"") + field + "\" is not a whole number from 0 to 2^60");
  }
  return found->get<std::int64_t>();
}

const std::string& string(const json& object, const char* field) {
  const auto found = object.find(field);
  if (found == object.end()) throw BadLine(std::string("no field \"") + field + '"');
  if (!found->is_string()) throw BadLine(std::string("\"") + field + "\" is not a string");
  return found->get_ref<const std::string&>();
}

Op operation(const std::string& name) {
  static const std::map<std::string, Op> names = {{"send", Op::send},
                                                  {"recv", Op::recv},
                                                  {"close", Op::close},
                                                  {"closed", Op::closed},
                                                  {"return", Op::call_return}};
  const auto found = names.find(name);
  if (found == names.end()) {
    throw BadLine("unknown op \"" + name + "\" (there are send, recv, close, closed, return)");
  }
  return found->second;
}

/// Turns (stream label, name) into small numbers, and those into display names.
class Names {
 public:
  int number(const std::string& stream, const std::string& name) {
    const auto [entry, is_new] =
        numbers_.try_emplace({stream, name}, static_cast<int>(numbers_.size()));
    return entry->second;
  }

  std::vector<std::string> display(bool with_stream) const {
    std::vector<std::string> result(numbers_.size());
    for (const auto& [key, number] : numbers_) {
      const auto& [stream, name] = key;
      result[at(number)] = with_stream && !stream.empty() ? name + " [" + stream + "]" : name;
    }
    return result;
  }

 private:
  std::map<std::pair<std::string, std::string>, int> numbers_;
};

class Reader {
 public:
  /// Takes one line; throws BadLine if it cannot be part of this trace.
  void take(const std::string& line, std::size_t number, bool unfinished) {
    json object = parse_line(line, unfinished);
    if (!object.is_object()) throw BadLine("not a JSON object");
    if (object.contains("scenario")) {
      if (number != 1) throw BadLine("a second scenario: one trace at a time");
      trace_.scenario = std::move(object["scenario"]);
    } else if (object.contains("dropped") && !object.contains("op")) {
      const std::int64_t count = integer(object, "dropped");
      losses_.push_back({next_sequence_, static_cast<std::uint64_t>(count)});
    } else {
      take_event(object, number);
    }
  }

  Trace finish() {
    trace_.processes = processes_.display(streams_.size() > 1);
    trace_.channels = channels_.display(streams_.size() > 1);
    if (trace_.timed) {
      std::stable_sort(
          trace_.events.begin(), trace_.events.end(),
          [](const Event& left, const Event& right) { return left.sequence < right.sequence; });
      place_losses();
      pair_in_sequence(trace_);
      start_at_zero();
    } else {
      trace_.stepped = !trace_.events.empty();
      replay_steps(trace_);
    }
    return std::move(trace_);
  }

 private:
  struct Loss {
    std::uint64_t before_sequence;
    std::uint64_t count;
  };

  void take_event(json& object, std::size_t number) {
    Event event;
    event.line = number;
    event.op = operation(string(object, "op"));
    if (trace_.events.empty()) trace_.timed = object.contains("seq");
    if (trace_.timed) {
      take_live_fields(object, event);
    } else {
      event.step = integer(object, "step");
      if (event.step == 0) throw BadLine("\"step\" is 0: steps count from 1");
      if (!trace_.events.empty() && event.step < trace_.events.back().step) {
        throw BadLine("step " + std::to_string(event.step) + " comes after step " +
                      std::to_string(trace_.events.back().step));
      }
      if (!losses_.empty()) throw BadLine("events were dropped from a trace without \"seq\"");
    }
    std::string stream = stream_label(object);
    std::string process = string(object, "proc");
    if (event.op == Op::call_return) {
      event.call = string(object, "call");
    } else {
      std::string channel = string(object, "chan");
      if (stream.empty()) stream = take_label(channel, process);
      event.channel = channels_.number(stream, channel);
    }
    if (const auto message = object.find("msg"); message != object.end()) {
      event.message = std::move(*message);
    }
    event.process = processes_.number(stream, process);
    streams_.insert(stream);
    trace_.events.push_back(std::move(event));
  }

  void take_live_fields(const json& object, Event& event) {
    event.sequence = static_cast<std::uint64_t>(integer(object, "seq"));
    event.time = integer(object, "time");
    if (object.contains("waited")) event.waited = integer(object, "waited");
    if (object.contains("dropped")) {
      event.lost = static_cast<std::uint64_t>(integer(object, "dropped"));
    }
    if (object.contains("step")) {
      event.step = integer(object, "step");
      trace_.stepped = true;
    }
    const auto [entry, is_new] = lines_.try_emplace(event.sequence, event.line);
    if (!is_new) {
      throw BadLine("seq " + std::to_string(event.sequence) + " was line " +
                    std::to_string(entry->second) + " already (two traces in one file?)");
    }
    next_sequence_ = std::max(next_sequence_, event.sequence + 1);
  }

  /// A stream's label precedes, with a slash, the names of its channels and of its processes
  /// (asyncstream::Options::label). Other channels with a slash in their names have no label.
  static std::string take_label(std::string& channel, std::string& process) {
    constexpr std::string_view kOfStreams[] = {
        "requests", "slices", "add_reader", "subtract_reader", "wait_zero_readers", "done"};
    const std::size_t slash = channel.find_first_of("/:");
    if (slash == std::string::npos || channel[slash] == ':') return {};
    const std::string_view plain = std::string_view(channel).substr(slash + 1);
    if (!plain.starts_with("responses:") &&
        std::ranges::find(kOfStreams, plain) == std::end(kOfStreams)) {
      return {};
    }
    const std::string prefix = channel.substr(0, slash + 1);
    channel.erase(0, prefix.size());
    if (process.starts_with(prefix)) process.erase(0, prefix.size());
    return prefix.substr(0, slash);
  }

  /// The form in traces before version 0.2.
  static std::string stream_label(const json& object) {
    const auto found = object.find("stream");
    if (found == object.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>() : found->dump();
  }

  /// Assigns each loss to the first event after it; an event may get two.
  void place_losses() {
    for (const Loss& loss : losses_) {
      const auto behind = std::lower_bound(
          trace_.events.begin(), trace_.events.end(), loss.before_sequence,
          [](const Event& event, std::uint64_t sequence) { return event.sequence < sequence; });
      (behind == trace_.events.end() ? trace_.lost_at_end : behind->lost) += loss.count;
    }
  }

  void start_at_zero() {
    if (trace_.events.empty()) return;
    std::int64_t start = kMaxInteger;
    for (const Event& event : trace_.events) start = std::min(start, event.time);
    for (Event& event : trace_.events) event.time -= start;
  }

  Trace trace_;
  Names processes_;
  Names channels_;
  std::set<std::string> streams_;
  std::unordered_map<std::uint64_t, std::size_t> lines_;  ///< /< sequence number → line
  std::uint64_t next_sequence_ = 0;
  std::vector<Loss> losses_;
};

}  // namespace

ReadTrace read_trace(std::istream& input) {
  Reader reader;
  std::optional<Broken> broken;
  std::string line;
  std::size_t number = 0;
  while (!broken && std::getline(input, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    try {
      reader.take(line, number, input.eof());
    } catch (const BadLine& bad) {
      broken = Broken{number, bad.what()};
    }
  }
  if (input.bad()) broken = Broken{number + 1, "it could not be read to its end"};
  return {reader.finish(), broken};
}

}  // namespace asyncstream::tools
