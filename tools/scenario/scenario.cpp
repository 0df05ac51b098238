// SPDX-License-Identifier: Apache-2.0
//
// Reads and writes scenarios and recordings. Every complaint names the file, the step and the
// field, since people write these files by hand.
#include "scenario/scenario.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>

namespace asyncstream::tools {
namespace {

using nlohmann::json;

/// Takes fields out of one object and reports what is wrong with them.
class Object {
 public:
  Object(const json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is_object()) throw BadInput(where_ + ": expected an object");
  }

  std::string text(const char* field) const {
    const json& value = at(field);
    if (!value.is_string()) fail(field, "expected a string");
    return value.get<std::string>();
  }

  std::size_t size(const char* field) const {
    constexpr std::size_t kMost = std::size_t{1} << 30;  // most fields are amounts of memory
    const json& value = at(field);
    if (!value.is_number_integer() || value < 0 || value > kMost) {
      fail(field, "expected a whole number, 0 to " + std::to_string(kMost));
    }
    return value.get<std::size_t>();
  }

  bool flag(const char* field) const {
    if (!object_.contains(field)) return false;
    if (!object_[field].is_boolean()) fail(field, "expected true or false");
    return object_[field].get<bool>();
  }

  template <class E>
  E choice(const char* field, const std::map<std::string, E>& names) const {
    const std::string name = text(field);
    const auto found = names.find(name);
    if (found != names.end()) return found->second;
    std::string list;
    for (const auto& [known, value] : names) list += (list.empty() ? "" : ", ") + known;
    fail(field, "\"" + name + "\" is none of " + list);
  }

  const json& at(const char* field) const {
    if (!object_.contains(field)) fail(field, "missing");
    return object_[field];
  }
  bool has(const char* field) const { return object_.contains(field); }

  [[noreturn]] void fail(const std::string& field, const std::string& what) const {
    throw BadInput(where_ + ": field \"" + field + "\": " + what);
  }

 private:
  const json& object_;
  std::string where_;
};

Step parse_step(const Object& object) {
  using Do = Step::Do;
  static const std::map<std::string, Do> kNames{
      {"open", Do::open},         {"read", Do::read},
      {"write_to", Do::write_to}, {"end", Do::end},
      {"close", Do::close},       {"feed", Do::feed},
      {"await", Do::await},       {"close_reader", Do::close_reader}};
  Step step;
  step.what = object.choice("do", kNames);
  step.async = object.flag("async");
  switch (step.what) {
    case Do::read:
      step.max = object.size("max");
      [[fallthrough]];
    case Do::open:
    case Do::write_to:
    case Do::close_reader:
      step.reader = static_cast<int>(object.size("reader"));
      break;
    case Do::await:
      if (object.has("reader")) step.reader = static_cast<int>(object.size("reader"));
      break;
    case Do::feed:
      step.bytes = object.size("bytes");
      break;
    case Do::end:
      step.error = object.text("error");
      if (object.has("bytes")) step.bytes = object.size("bytes");
      step.apart = object.flag("apart");
      break;
    case Do::close:
      break;
  }
  const bool call = step.what != Do::feed && step.what != Do::end && step.what != Do::await;
  if (step.async && !call) object.fail("async", "only a call can be async");
  return step;
}

/// Rejects steps that make no sense together, which would otherwise appear as a hang.
void check_order(const Scenario& scenario, const std::string& origin) {
  std::map<int, bool> opened;
  for (std::size_t i = 0; i < scenario.steps.size(); ++i) {
    const Step& step = scenario.steps[i];
    const std::string where = origin + ": step " + std::to_string(i + 1) + ": field ";
    const bool feeds = step.what == Step::Do::feed || step.what == Step::Do::end;
    if (feeds && scenario.source == Scenario::SourceKind::slice) {
      throw BadInput(where + "\"do\": a slice has no source to feed or end");
    }
    if (!step.reader) continue;
    if (step.what == Step::Do::open) {
      if (!opened.emplace(*step.reader, true).second) {
        throw BadInput(where + "\"reader\": this reader was opened before");
      }
    } else if (!opened.contains(*step.reader)) {
      throw BadInput(where + "\"reader\": this reader was never opened");
    }
  }
}

}  // namespace

Scenario parse_scenario(const json& input, const std::string& origin) {
  using Kind = Scenario::SourceKind;
  const json& json = input.contains("scenario") ? input["scenario"] : input;
  const Object object(json, origin);
  Scenario scenario;
  scenario.json = json;
  scenario.name = object.text("name");
  scenario.source = object.choice<Kind>(
      "source", {{"reader", Kind::reader}, {"writer_to", Kind::writer_to}, {"slice", Kind::slice}});
  scenario.buffer = object.size("buffer");
  const auto& steps = object.at("steps");
  if (!steps.is_array()) object.fail("steps", "expected an array");
  for (const auto& step : steps) {
    const std::string where = origin + ": step " + std::to_string(scenario.steps.size() + 1);
    scenario.steps.push_back(parse_step(Object(step, where)));
  }
  check_order(scenario, origin);
  return scenario;
}

Recording load_recording(const std::string& path) {
  const auto unreadable = [&] {
    return BadInput("cannot read '" + path + "': " + std::strerror(errno));
  };
  std::ifstream file(path);
  if (!file) throw unreadable();
  Recording recording;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string where = path + ": line " + std::to_string(number);
    if (line.empty()) continue;
    json parsed = json::parse(line, nullptr, false);
    if (parsed.is_discarded() && number == 1) {
      // Possibly a scenario alone, written over several lines.
      file.clear();
      file.seekg(0);
      parsed = json::parse(file, nullptr, false);
      if (parsed.is_discarded()) throw BadInput(path + ": is not JSON");
      recording.scenario = parse_scenario(parsed, path);
      return recording;
    }
    if (parsed.is_discarded()) throw BadInput(where + ": is not JSON");
    if (number == 1) {
      recording.scenario = parse_scenario(parsed, path);
    } else {
      for (const char* field : {"step", "proc", "op"}) {
        if (!parsed.is_object() || !parsed.contains(field)) {
          throw BadInput(where + ": field \"" + field + "\": missing");
        }
      }
      recording.trace.push_back(std::move(parsed));
    }
  }
  if (file.bad()) throw unreadable();  // a folder
  if (recording.scenario.json.is_null())
    throw BadInput(path + ": has no scenario in its first line");
  return recording;
}

void sort_canonically(Trace& trace) {
  std::stable_sort(trace.begin(), trace.end(), [](const TraceEvent& a, const TraceEvent& b) {
    if (a["step"] != b["step"]) return a["step"] < b["step"];
    return a["proc"] < b["proc"];
  });
}

std::string to_lines(const Trace& trace) {
  std::string lines;
  for (const TraceEvent& event : trace) {
    nlohmann::ordered_json line;
    for (const char* key : {"step", "proc", "op", "chan", "msg", "call"}) {
      if (event.contains(key)) line[key] = event[key];
    }
    lines += line.dump() + "\n";
  }
  return lines;
}

}  // namespace asyncstream::tools
