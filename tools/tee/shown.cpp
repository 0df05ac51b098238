// SPDX-License-Identifier: Apache-2.0
//
// Characters and their widths; see shown.hpp.
#include "tee/shown.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <optional>
#include <vector>

namespace asyncstream::tools::tee {
namespace {

struct Character {
  char32_t code;
  std::size_t size;  // bytes
};

/// The first character; nothing if it is no UTF-8, or longer than it need be.
std::optional<Character> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return Character{first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < size) return std::nullopt;
  char32_t code = first & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    code = code << 6 | (byte(i) & 0x3f);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[size] || code > 0x10ffff || surrogate) return std::nullopt;
  return Character{code, size};
}

bool is_control(char32_t code) { return code < 0x20 || (code >= 0x7f && code < 0xa0); }

std::size_t width_of(char32_t code) {
  // wcwidth() knows the widths in a locale of UTF-8 alone, which need not be the user's.
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (!utf8) return 1;
  const locale_t before = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(code));
  uselocale(before);
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::string printable(std::string_view name) {
  std::string shown;
  while (!name.empty()) {
    const std::optional<Character> next = decode(name);
    const std::string_view bytes = name.substr(0, next ? next->size : 1);
    name.remove_prefix(bytes.size());
    if (next && !is_control(next->code)) {
      shown += bytes;
      continue;
    }
    for (const char c : bytes) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", static_cast<unsigned char>(c));
      shown += escaped.data();
    }
  }
  return shown;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    const Character next = decode(text).value_or(Character{U'?', 1});
    columns += width_of(next.code);
    text.remove_prefix(next.size);
  }
  return columns;
}

std::string shortened(std::string_view text, std::size_t columns) {
  std::size_t width = columns_of(text);
  if (width <= columns) return std::string(text);
  const std::size_t dots = std::min<std::size_t>(columns, 3);
  while (width + dots > columns) {
    const Character next = decode(text).value_or(Character{U'?', 1});
    width -= width_of(next.code);
    text.remove_prefix(next.size);
  }
  return std::string(dots, '.') + std::string(text);
}

}  // namespace asyncstream::tools::tee
