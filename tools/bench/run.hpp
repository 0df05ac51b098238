// SPDX-License-Identifier: Apache-2.0
//
// One run of one workload, and its result, which has the same fields as the Go side's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/workload.hpp"

namespace asyncstream::tools::bench {

struct Result {
  std::string name;
  std::int64_t ops = 0;
  std::int64_t bytes = 0;
  double seconds = 0;
  double cpu_seconds = 0;
  std::int64_t context_switches = 0;
  std::size_t processors = 0;
  std::size_t workers = 0;
  std::optional<double> min_share = {};            // timed runs of several workers
  std::optional<std::int64_t> worst_wait_ns = {};  // fair-*
  Findings findings = {};

  double ns_per_op() const { return seconds * 1e9 / static_cast<double>(ops); }
  std::string to_json() const;
  std::string to_text() const;
};

/// The names that are run when none is given.
std::vector<std::string> standard_names();

/// A workload that was found by its name: a family, and the numbers in the name.
struct Named {
  const Family* family;
  std::vector<std::size_t> numbers;
};
std::optional<Named> find(const std::string& name);

/// Runs it for a time or, if ops is not 0, for about that many operations of all workers together.
Result run(const std::string& name, const Named& named, std::chrono::duration<double> time,
           std::int64_t ops);

}  // namespace asyncstream::tools::bench
