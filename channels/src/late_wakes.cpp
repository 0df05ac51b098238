// SPDX-License-Identifier: Apache-2.0
//
// Waking at once, or late: see late_wakes.hpp.
#include "late_wakes.hpp"

#include "server.hpp"
#include "trace_hook.hpp"

namespace csp::detail {

constinit thread_local std::array<const seam::Word*, kMostLate> late_wakes{};

void wake(const seam::Word* name) {
  // Not with a trace: who is woken tells of what it has received, and others wait for that.
  const bool later = carrier.later > 0 && carrier.runs && carrier.late < kMostLate && !trace_on();
  if (later) {
    late_wakes[carrier.late++] = name;
  } else {
    seam::wake_one(name);
  }
}

void wake_all_late() {
  for (std::size_t i = 0; i < carrier.late; ++i) seam::wake_one(late_wakes[i]);
  carrier.late = 0;
}

}  // namespace csp::detail
