// SPDX-License-Identifier: Apache-2.0
//
// Durations into deadlines. Every timed operation waits until a point of the steady clock; these
// forms of time are the only place where a duration is added to anything, so that no sum wraps:
// "for ever" is time_point::max(), "not at all" is time_point::min().
#pragma once

#include <chrono>

namespace csp {

using Clock = std::chrono::steady_clock;

inline constexpr Clock::time_point kNever = Clock::time_point::max();  // a deadline not to be met
inline constexpr Clock::time_point kAtOnce = Clock::time_point::min();

/// now + duration, rounded up; what the clock cannot represent is kNever, zero or less kAtOnce
/// (C35). Thread-safe.
template <class Rep, class Period>
Clock::time_point deadline_after(std::chrono::duration<Rep, Period> duration) {
  if (!(duration > duration.zero())) return kAtOnce;
  const Clock::time_point now = Clock::now();
  using Seconds = std::chrono::duration<double>;
  const Seconds left = kNever - now;
  // The margin of one second covers what double loses at this size; nobody waits 292 years less 1
  // s.
  if (std::chrono::duration_cast<Seconds>(duration) >= left - Seconds(1)) return kNever;
  return now + std::chrono::ceil<Clock::duration>(duration);
}

}  // namespace csp
