// SPDX-License-Identifier: Apache-2.0
//
// A scenario: a source, a buffer, and what is done with a stream over them, step by step. It is the
// JSON that tests/golden/README.md describes. A recorded file has one in its first line; the other
// lines are what the Go reference did, one event a line.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace asyncstream::tools {

struct Step {
  enum class Do { open, read, write_to, close_reader, close, feed, end, await };
  Do what = Do::close;
  std::optional<int> reader;
  std::size_t max = 0;
  std::size_t bytes = 0;
  std::string error;
  bool apart = false;  // of an end: its bytes come first, the error with the next read
  bool async = false;
};

struct Scenario {
  enum class SourceKind { reader, writer_to, slice };
  std::string name;
  SourceKind source = SourceKind::reader;
  std::size_t buffer = 0;
  std::vector<Step> steps;
  nlohmann::json json;  // as it was read: {name, about, source, buffer, steps}
};

/// One event of a canonical trace: keys step, proc, op, and chan, msg, call where they apply.
using TraceEvent = nlohmann::json;
using Trace = std::vector<TraceEvent>;

struct Recording {
  Scenario scenario;
  Trace trace;  // empty if the file holds only a scenario
};

/// What is wrong with an input, in one line that names file, step and field.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws BadInput, whose message uses `origin` as the name of the input.
Scenario parse_scenario(const nlohmann::json& json, const std::string& origin);
Recording load_recording(const std::string& path);

/// The trace as lines of JSON, with the keys in the order of the recordings.
std::string to_lines(const Trace& trace);

/// Sorts by step, then by process; the order within a process stays.
void sort_canonically(Trace& trace);

/// Byte i of every source.
constexpr std::byte source_byte(std::size_t i) {
  return static_cast<std::byte>((i * 131 + (i >> 8) * 17 + (i >> 16) * 29 + 7) & 255);
}

}  // namespace asyncstream::tools
