// SPDX-License-Identifier: Apache-2.0
//
// Plan: what the command line asks of tee. The sinks stand in its order, files and commands alike,
// since with `want` those after the first so many are spares.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace asyncstream::tools::tee {

struct SinkPlan {
  enum class Kind { file, command };  // "-" among the files is the standard output
  Kind kind;
  std::string text;
};

struct Plan {
  std::string source = "-";
  std::optional<std::string> source_command;
  std::vector<SinkPlan> sinks;
  std::optional<std::size_t> buffer;
  std::optional<std::string> spill;  // a folder, for what is kept of the source
  unsigned retry = 0;                // how often a failed sink is begun again
  std::chrono::milliseconds retry_delay{1000};
  std::optional<std::size_t> want;  // how many complete sinks are success; by default all
  std::optional<std::chrono::milliseconds> sink_timeout;
  bool append = false;
  bool atomic = false;
  bool sync = false;
  bool tolerant = false;  // a FIFO or standard output whose reader goes has not failed
  bool progress = false;
  bool stats = false;
  bool digest = false;

  std::size_t wanted() const { return want.value_or(sinks.size()); }
  /// Whether the whole source is kept: where a sink may begin at byte 0 after others, or on disk.
  bool keeps_whole() const { return retry > 0 || wanted() < sinks.size() || spill; }
};

}  // namespace asyncstream::tools::tee
