// SPDX-License-Identifier: Apache-2.0
//
// Wakes that are put off until a round is over (csp::wake_later). The kernel takes some 5 us to
// wake a thread. A handler that answers all who wait at a frontier would be busy so long for each
// of them, and the first to wake would come back, find the process busy, and sleep again. So their
// names are kept here, and they are woken when the process has been parked, or its next handler is
// to run, or this thread waits. They are published by then, and only the wake is late, so nothing
// of them is touched (C45). Stop requests and deadlines wake at once, as does who hands a process
// to its own thread.
#pragma once

#include <array>

#include "seam.hpp"

namespace csp::detail {

/// How many are put off at most: more than a stream has readers by default. Who comes then is woken
/// at once.
inline constexpr std::size_t kMostLate = 128;

/// Of this thread: the first carrier.late of these. (Not with the carrier, for which there is
/// little room: CSP_NEAR.)
extern thread_local std::array<const seam::Word*, kMostLate> late_wakes;

}  // namespace csp::detail
