// SPDX-License-Identifier: Apache-2.0
//
// Waking at once, or late: see late_wakes.hpp.
#include "late_wakes.hpp"

#include "server.hpp"

namespace csp::detail {

constinit thread_local std::array<const seam::Word*, kMostLate> late_wakes{};

void wake_now_or_late(const seam::Word* name) {
  // Not who may have a number for the trace: it tells of that when it is awake, and whoever waits
  // for the trace waits for it.
  if (carrier.later > 0 && carrier.runs && !carrier.numbered && carrier.late < kMostLate) {
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
