// SPDX-License-Identifier: Apache-2.0
//
// Tests whether a choice is uniform: the chi-square statistic of counts against equal shares, and
// the bound that a uniform choice exceeds with probability 1e-6 (C30). The bound uses the
// approximation of Wilson and Hilferty, which is good to a few percent even for one degree of
// freedom.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace support {

inline double chi_square(const std::vector<std::size_t>& counts) {
  double total = 0;
  for (const std::size_t count : counts) total += double(count);
  const double expected = total / double(counts.size());
  double sum = 0;
  for (const std::size_t count : counts) {
    const double difference = double(count) - expected;
    sum += difference * difference / expected;
  }
  return sum;
}

inline bool is_uniform(const std::vector<std::size_t>& counts) {
  if (counts.size() < 2) return true;
  const double k = double(counts.size() - 1);
  constexpr double kQuantile = 4.7534;  // of the normal distribution, for 1 - 1e-6
  const double root = 1 - 2 / (9 * k) + kQuantile * std::sqrt(2 / (9 * k));
  return chi_square(counts) < k * root * root * root;
}

}  // namespace support
