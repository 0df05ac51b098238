// SPDX-License-Identifier: Apache-2.0
//
// Sizes and times as text; see text.hpp.
#include "tee/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace asyncstream::tools::tee {
namespace {

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, arguments...);
  return text.data();
}

struct Quantity {
  long double number;
  bool fraction;
  std::string_view unit;
};

/// Digits, perhaps a point and digits, and what stands behind them.
std::optional<Quantity> parse_quantity(std::string_view text) {
  const auto digits = [](std::string_view of) {
    return std::min(of.find_first_not_of("0123456789"), of.size());
  };
  std::size_t length = digits(text);
  if (length == 0) return std::nullopt;
  const bool fraction = length < text.size() && text[length] == '.';
  if (fraction) {
    const std::size_t behind = digits(text.substr(length + 1));
    if (behind == 0) return std::nullopt;
    length += 1 + behind;
  }
  long double number = 0;
  if (std::from_chars(text.data(), text.data() + length, number).ec != std::errc()) {
    return std::nullopt;
  }
  return Quantity{number, fraction, text.substr(length)};
}

}  // namespace

std::optional<std::size_t> parse_size(std::string_view text) {
  constexpr std::string_view kUnits = "KMGTP";
  const std::optional<Quantity> size = parse_quantity(text);
  if (!size) return std::nullopt;
  std::string_view unit = size->unit;
  int shift = 0;
  if (!unit.empty()) {
    const char letter = unit[0] >= 'a' ? static_cast<char>(unit[0] - 'a' + 'A') : unit[0];
    const std::size_t at = kUnits.find(letter);
    unit.remove_prefix(1);
    if (at == std::string_view::npos || (!unit.empty() && unit != "iB")) return std::nullopt;
    shift = 10 * static_cast<int>(at + 1);
  }
  if (size->fraction && shift == 0) return std::nullopt;
  const long double bytes = std::ldexp(size->number, shift);  // exact: 64 bits are in it
  if (bytes >= std::ldexp(1.0L, 64)) return std::nullopt;
  return static_cast<std::size_t>(bytes);
}

std::optional<std::chrono::milliseconds> parse_time(std::string_view text) {
  const std::optional<Quantity> time = parse_quantity(text);
  if (!time) return std::nullopt;
  long double milliseconds = time->number;
  if (time->unit.empty() || time->unit == "s") {
    milliseconds *= 1000;
  } else if (time->unit == "m") {
    milliseconds *= 60 * 1000;
  } else if (time->unit == "h") {
    milliseconds *= 60 * 60 * 1000;
  } else if (time->unit != "ms") {
    return std::nullopt;
  }
  constexpr long double kLongest = INT32_MAX;  // what poll() takes: 24 days
  if (milliseconds > kLongest) return std::nullopt;
  return std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds));
}

std::string human_size(double bytes) {
  static constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return format(unit == 0 ? "%.0f %s" : "%.1f %s", bytes, kUnits[unit]);
}

std::string human_time(std::chrono::duration<double> time) {
  const auto seconds = static_cast<long long>(time.count() + 0.5);
  if (seconds < 3600) return format("%lld:%02lld", seconds / 60, seconds % 60);
  return format("%lld:%02lld:%02lld", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string plain_time(std::chrono::milliseconds time) {
  if (time.count() < 1000) return format("%lld ms", static_cast<long long>(time.count()));
  return format("%g s", static_cast<double>(time.count()) / 1000);
}

}  // namespace asyncstream::tools::tee
