// SPDX-License-Identifier: Apache-2.0
//
// fan_out: what `asyncstream tee` does once its command line is read.
#pragma once

#include "tee/plan.hpp"

namespace asyncstream::tools::tee {

/// Does it, tells on stderr how it went, and returns the exit code: 0 as many sinks as wanted are
/// complete, 1 they are not, 128+n a signal n has ended it, and is to end the program. Throws
/// Refusal, with nothing written, for bad input.
int fan_out(const Plan& plan);

}  // namespace asyncstream::tools::tee
