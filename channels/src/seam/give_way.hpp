// SPDX-License-Identifier: Apache-2.0
//
// When a thread that waits may yield its processor (give_way.cpp).
#pragma once

#include <atomic>

#include "seam/seam.hpp"

namespace csp::detail::seam {

/// After a yield that took long, no thread should yield for a pause; its length depends on how soon
/// long yields follow one another. Thread-safe.
class YieldPauses {
 public:
  bool pausing(Clock::time_point now) const { return now < end_.load(std::memory_order_relaxed); }
  /// Records a yield that lasted from `begin` to `end`. Returns false if it took long.
  bool record(Clock::time_point begin, Clock::time_point end);

 private:
  // relaxed, all of them: they decide whether to yield and order nothing. A thread that reads an
  // old value yields once too often or not at all.
  std::atomic<Clock::time_point> end_{};
  std::atomic<Clock::duration> length_{};
};

}  // namespace csp::detail::seam
