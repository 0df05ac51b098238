// SPDX-License-Identifier: Apache-2.0
//
// fan_out: what `asyncstream tee` does once its command line is read: one source into one stream,
// and a reader for each sink, each on a process of its own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace asyncstream::tools::tee {

struct Plan {
  std::string source = "-";
  std::vector<std::string> files;     // "-" is the standard output
  std::vector<std::string> commands;  // each for `sh -c`
  std::optional<std::size_t> buffer;  // by default what the source needs, as far as one can know
  bool append = false;
  bool progress = false;
  bool stats = false;
  bool digest = false;
};

/// Does it, tells on stderr how it went, and returns the exit code: 0 all sinks are complete, 1
/// some are not, 128+n a signal ended it. Throws Refusal, with nothing written, for bad input.
int fan_out(const Plan& plan);

}  // namespace asyncstream::tools::tee
