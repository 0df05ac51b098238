// SPDX-License-Identifier: Apache-2.0
//
// Known: the values that transfer's answers follow from, posted for readers (Wiring::known). A
// reader for whose request they suffice computes the answer without a message.
#pragma once

#include <cstddef>
#include <system_error>

namespace asyncstream::detail {

/// The size of the body and the status; or, if `category` is null, the instruction to ask transfer.
/// The status is stored in two parts: copying a std::error_code as a whole right after its parts
/// were written would wait until both stores have reached the cache.
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
