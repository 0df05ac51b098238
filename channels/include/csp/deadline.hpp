// SPDX-License-Identifier: Apache-2.0
//
// Converts durations to deadlines. Every timed operation waits until a point of the steady clock. A
// duration is added to a time only here, so that no sum wraps: "for ever" is time_point::max(),
// "not at all" is time_point::min().
#pragma once

#include <chrono>

namespace csp {

/// The clock of all deadlines.
using Clock = std::chrono::steady_clock;

/// A deadline that never comes: wait without limit.
inline constexpr Clock::time_point kNever = Clock::time_point::max();
/// A deadline that has passed: do not wait.
inline constexpr Clock::time_point kAtOnce = Clock::time_point::min();

/// Now plus the duration, rounded up to the clock's resolution. Returns kAtOnce if the duration is
/// zero or less, and kNever if the clock cannot represent the result (C35). Thread-safe.
template <class Rep, class Period>
Clock::time_point deadline_after(std::chrono::duration<Rep, Period> duration) {
  if (!(duration > duration.zero())) return kAtOnce;
  const Clock::time_point now = Clock::now();
  using Seconds = std::chrono::duration<double>;
  const Seconds left = kNever - now;
  // The margin of one second covers the rounding of a double of this size.
  if (std::chrono::duration_cast<Seconds>(duration) >= left - Seconds(1)) return kNever;
  return now + std::chrono::ceil<Clock::duration>(duration);
}

}  // namespace csp
