// SPDX-License-Identifier: Apache-2.0
//
// latest(): the value of a watch, also while a post is under way, which takes a few stores.
#pragma once

#include <optional>

#include "csp/watch.hpp"

namespace asyncstream::tools::tee {

template <class T>
T latest(const csp::Watch<T>& watch) {
  while (true) {
    if (const std::optional<T> value = watch.latest()) return *value;
  }
}

}  // namespace asyncstream::tools::tee
