// SPDX-License-Identifier: Apache-2.0
//
// The trace's switch: whether any recorder is attached. An operation that is not traced reads
// nothing else, so it is inline.
#pragma once

#include <atomic>

namespace csp {

namespace detail {
extern constinit std::atomic<bool> trace_switch;
}

/// Whether a recorder is attached (csp/trace.hpp). A thread that has attached one sees true from
/// then on. Thread-safe; never blocks.
// CSP_UNTRACED: a build without any trace, so that a benchmark can measure what the switch costs.
#ifdef CSP_UNTRACED
inline bool tracing() noexcept { return false; }
#else
// relaxed: nothing is ordered by it. An operation that races with attach() may be traced or not.
inline bool tracing() noexcept { return detail::trace_switch.load(std::memory_order_relaxed); }
#endif

}  // namespace csp
