// SPDX-License-Identifier: Apache-2.0
//
// What tee says in the end: a line for each thing that went wrong, and, if asked for, a line for
// each sink. A sink that is not complete has a line that says so and makes no claim of rate or
// digest: half a file's checksum helps nobody.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "tee/fan_out.hpp"
#include "tee/outlet.hpp"

namespace asyncstream::tools::tee {

/// How the source ended: eof, no error (nobody read it to its end), or why it broke off.
struct SourceEnd {
  std::string name;
  std::error_code status;
  std::size_t buffer;  // the stream's capacity
};

/// Writes the report to stderr; whether all is well.
bool report(const Plan& plan, const SourceEnd& source,
            const std::vector<std::unique_ptr<Outlet>>& outlets);

}  // namespace asyncstream::tools::tee
