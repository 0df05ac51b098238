// SPDX-License-Identifier: Apache-2.0
//
// Sizes, times and names as text; see text.hpp.
#include "tee/text.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace asyncstream::tools::tee {
namespace {

template <class... Arguments>
std::string format(const char* pattern, Arguments... arguments) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), pattern, arguments...);
  return text.data();
}

}  // namespace

std::optional<std::size_t> parse_size(std::string_view text) {
  constexpr std::string_view kSuffixes = "KMG";
  int shift = 0;
  if (!text.empty()) {
    const char last = text.back() >= 'a' ? static_cast<char>(text.back() - 'a' + 'A') : text.back();
    if (const std::size_t at = kSuffixes.find(last); at != std::string_view::npos) {
      shift = 10 * static_cast<int>(at + 1);
      text.remove_suffix(1);
    }
  }
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number > std::numeric_limits<std::size_t>::max() >> shift) return std::nullopt;
  return number << shift;
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

std::string printable(std::string_view name) {
  std::string shown;
  for (const char c : name) {
    const auto code = static_cast<unsigned char>(c);
    shown += code < 0x20 || code == 0x7f ? format("\\x%02x", static_cast<unsigned>(code))
                                         : std::string(1, c);
  }
  return shown;
}

}  // namespace asyncstream::tools::tee
