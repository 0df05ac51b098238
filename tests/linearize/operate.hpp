// SPDX-License-Identifier: Apache-2.0
//
// Performs one call of a Config on real channels, and records in its Call how it ended. It uses the
// core directly, because the number of cases is known only at run time, and select.hpp's templates
// need it at compile time.
#pragma once

#include <csp/channel.hpp>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "linearize/config.hpp"

namespace linearize {

/// A value that knows whether it was moved from.
struct Item {
  explicit Item(int n) : number(n) {}
  Item(Item&& other) noexcept : number(std::exchange(other.number, kMovedFrom)) {}
  ~Item() { number = kDestroyed; }
  static constexpr int kMovedFrom = -1;
  static constexpr int kDestroyed = -2;
  int number;
};

using Channels = std::vector<csp::Channel<Item>>;

/// Empty, or what is wrong with the call on its own: a value that was moved but not sent, a
/// destination written by a case that did not happen, or a time-out without a deadline.
std::string operate(Call& call, Patience patience, csp::Clock::time_point deadline,
                    const Channels& channels, const std::stop_token& stop);

}  // namespace linearize
