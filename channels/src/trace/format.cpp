// SPDX-License-Identifier: Apache-2.0
//
// Formats an event as text and as JSON. The draining thread does this, so a traced process never
// formats.
#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdio>
#include <cstdlib>

#include "csp/trace.hpp"

namespace csp {
namespace {

std::string demangled(const std::type_info& type) {
  int status = 0;
  char* const name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string text = status == 0 ? name : type.name();
  std::free(name);
  return text;
}

void append(std::string& out, std::integral auto value) {
  std::array<char, 24> text;
  out.append(text.data(), std::to_chars(text.begin(), text.end(), value).ptr);
}

/// The length of the UTF-8 character at the beginning of the text; 0 if there is none.
std::size_t character(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = at(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0U) != 0x80) return 0;
  }
  // Reject overlong forms, surrogates, and code points above U+10FFFF.
  if (lead == 0xE0 && at(1) < 0xA0) return 0;
  if (lead == 0xED && at(1) > 0x9F) return 0;
  if (lead == 0xF0 && at(1) < 0x90) return 0;
  if (lead == 0xF4 && at(1) > 0x8F) return 0;
  return length;
}

/// Appends the text as a JSON string, which is UTF-8 whatever the text is: each byte that belongs
/// to no UTF-8 character, such as binary data or the rest of a character that was cut, becomes
/// U+FFFD.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t i = 0, n = 1; i < text.size(); i += n, n = 1) {
    const char c = text[i];
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(c));
      out += escape.data();
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else if (const std::size_t length = character(text.substr(i))) {
      out.append(text, i, n = length);
    } else {
      out += "\\ufffd";
    }
  }
  out += '"';
}

/// JSON has no infinity and no NaN, so these are quoted.
void append(std::string& out, double value) {
  std::array<char, 32> text;
  const char* const end = std::to_chars(text.begin(), text.end(), value).ptr;
  const std::string_view shown(text.data(), static_cast<std::size_t>(end - text.data()));
  std::isfinite(value) ? void(out += shown) : append_quoted(out, shown);
}

/// Appends a value as JSON; the text format uses the same without quotes.
void append(std::string& out, const Fields& fields, const Fields::Value& value) {
  if (const auto* u = std::get_if<std::uint64_t>(&value)) return append(out, *u);
  if (const auto* i = std::get_if<std::int64_t>(&value)) return append(out, *i);
  if (const auto* d = std::get_if<double>(&value)) return append(out, *d);
  if (const auto* text = std::get_if<Fields::Text>(&value)) {
    return append_quoted(out, fields.text(*text));
  }
  if (const auto* type = std::get_if<const Fields::Type*>(&value)) {
    return append_quoted(out, demangled((*type)->info));
  }
  if (const auto* sum = std::get_if<Fields::Checksum>(&value)) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "\"%08x\"", static_cast<unsigned>(sum->crc32));
    out += text.data();
  } else if (const auto* b = std::get_if<bool>(&value)) {
    out += *b ? "true" : "false";
  } else {
    out += "null";
  }
}

}  // namespace

std::string_view to_string(Op op) noexcept {
  switch (op) {
    case Op::send:
      return "send";
    case Op::recv:
      return "recv";
    case Op::close:
      return "close";
    case Op::closed:
      return "closed";
  }
  return "unknown";
}

std::string to_text(const Event& event) {
  const std::string_view process = event.process.view();
  const std::string_view channel = event.channel.view();
  std::array<char, 160> head{};
  std::snprintf(head.data(), head.size(), "%lld.%09lld %-15.*s %-6.*s %.*s",
                static_cast<long long>(event.time / 1'000'000'000),
                static_cast<long long>(event.time % 1'000'000'000),
                static_cast<int>(process.size()), process.data(),
                static_cast<int>(to_string(event.op).size()), to_string(event.op).data(),
                static_cast<int>(channel.size()), channel.data());
  std::string text = head.data();
  for (const Fields::Field& field : event.message.all()) {
    std::string value;
    append(value, event.message, field.value);
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    text.append(" ").append(field.name).append("=").append(value);
    if (const auto* type = std::get_if<const Fields::Type*>(&field.value)) {
      append(text += " size=", (*type)->size);
    }
  }
  if (event.waited > 0) text += " waited=" + std::to_string(event.waited / 1000) + "us";
  if (event.dropped > 0) text = std::to_string(event.dropped) + " events dropped; " + text;
  // An event is one line, whatever characters the names contain.
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, '?');
  return text;
}

// Built in one growing string without temporaries, since a long trace calls this for every event.
std::string to_json(const Event& event) {
  const std::string_view process = event.process.view();
  const std::string_view channel = event.channel.view();
  std::string json;
  json.reserve(256);
  const auto number = [&](std::string_view key, auto value) { append(json += key, value); };
  const auto text = [&](std::string_view key, std::string_view value) {
    append_quoted(json += key, value);
  };
  number("{\"seq\":", event.sequence);
  number(",\"time\":", event.time);
  text(",\"proc\":", process);
  text(",\"op\":", to_string(event.op));
  text(",\"chan\":", channel);
  const std::span<const Fields::Field> fields = event.message.all();
  for (const Fields::Field& field : fields) {
    text(&field == fields.data() ? ",\"msg\":{" : ",", field.name);
    append(json += ':', event.message, field.value);
    if (const auto* type = std::get_if<const Fields::Type*>(&field.value)) {
      number(",\"size\":", (*type)->size);
    }
  }
  if (!fields.empty()) json += '}';
  if (event.waited > 0) number(",\"waited\":", event.waited);
  if (event.dropped > 0) number(",\"dropped\":", event.dropped);
  json += '}';
  return json;
}

// One table lookup per byte; only a recorder that asked for checksums has this cost.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before) noexcept {
  static constexpr std::array<std::uint32_t, 256> kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t c = i;
      for (int bit = 0; bit < 8; ++bit) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
      table[i] = c;
    }
    return table;
  }();
  std::uint32_t c = ~before;
  for (const std::byte b : bytes)
    c = kTable[(c ^ std::to_integer<std::uint32_t>(b)) & 255] ^ (c >> 8);
  return ~c;
}

}  // namespace csp
