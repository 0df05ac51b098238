// SPDX-License-Identifier: Apache-2.0
//
// The dice of select: a small generator a thread, so that no two threads share a word and no global
// object exists (C48). Not for anything but choosing among ready cases.
#pragma once

#include <cstdint>

namespace csp::detail {

/// Uniform in [0, n); n >= 1.
std::uint32_t random_below(std::uint32_t n) noexcept;

}  // namespace csp::detail
