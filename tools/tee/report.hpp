// SPDX-License-Identifier: Apache-2.0
//
// What tee says on stderr: a line for each thing that went wrong, and, if asked for, a line for
// each sink. A sink that is not complete has a line that says so and makes no claim of rate or
// digest: half a file's checksum helps nobody.
#pragma once

#include <cstddef>
#include <string>
#include <system_error>

#include "tee/delivery.hpp"
#include "tee/plan.hpp"

namespace asyncstream::tools::tee {

/// How the source ended: errc::eof, no error (nobody read it to its end), or why it broke off; and
/// how much of it was read.
struct SourceEnd {
  std::string name;
  std::error_code status;
  std::size_t bytes;
};

/// Writes the report; whether all is well.
bool report(const Plan& plan, const SourceEnd& source, const Delivery& delivery);

}  // namespace asyncstream::tools::tee
