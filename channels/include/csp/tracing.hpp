// SPDX-License-Identifier: Apache-2.0
//
// The switch of the trace: whether anything is attached. It is all that an operation asks which is
// not traced, so it is read in place.
#pragma once

#include <atomic>

namespace csp {

namespace detail {
extern constinit std::atomic<bool> trace_switch;
}

/// Whether a recorder is attached (csp/trace.hpp). Thread-safe; true for the thread that has
/// attached one, from then on.
// CSP_UNTRACED: a build without any trace, so that a benchmark can tell what the switch costs.
#ifdef CSP_UNTRACED
inline bool tracing() noexcept { return false; }
#else
// relaxed: it orders nothing; an operation that races with attaching may be traced or not.
inline bool tracing() noexcept { return detail::trace_switch.load(std::memory_order_relaxed); }
#endif

}  // namespace csp
