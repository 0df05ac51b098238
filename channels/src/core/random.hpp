// SPDX-License-Identifier: Apache-2.0
//
// The random choice of select: one small generator for each thread, so that no two threads share a
// word and no global object exists (C48). It is only for choosing among ready cases.
#pragma once

#include <cstdint>

namespace csp::detail {

/// A uniformly distributed number in [0, n); n >= 1.
std::uint32_t random_below(std::uint32_t n) noexcept;

}  // namespace csp::detail
