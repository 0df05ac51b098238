// SPDX-License-Identifier: Apache-2.0
//
// The words that threads share: private, though installed, since csp::Watch is inline. A build that
// names a seam of its own (CSP_SEAM) takes its words from there; see channels/src/seam/seam.hpp.
#pragma once

#ifdef CSP_SEAM
#include CSP_SEAM
#else

#include <atomic>
#include <cstdint>

namespace csp::detail::seam {

using Word = std::atomic<std::uint32_t>;  // a thread can sleep on it
using Cell = std::atomic<std::uintptr_t>;

}  // namespace csp::detail::seam

#endif
