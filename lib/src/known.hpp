// SPDX-License-Identifier: Apache-2.0
//
// Known: what transfer answers by, as it posts it for readers (Wiring::known). A reader whose
// request it suffices for has the answer without asking.
#pragma once

#include <cstddef>
#include <system_error>

namespace asyncstream::detail {

/// The size of the body and the status; or, without a category, the word to ask transfer. The
/// status is in two parts: a std::error_code that is copied as a whole, right after it was put
/// together, waits for both stores to reach the cache.
struct Known {
  std::size_t body = 0;
  const std::error_category* category = nullptr;
  int code = 0;

  static Known of(std::size_t body, std::error_code status) {
    return {body, &status.category(), status.value()};
  }
  static Known ask() { return {}; }

  bool suffices() const { return category != nullptr; }
  std::error_code status() const { return {code, *category}; }
};

}  // namespace asyncstream::detail
