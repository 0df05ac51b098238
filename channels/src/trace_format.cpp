// SPDX-License-Identifier: Apache-2.0
//
// An event as text and as JSON; by the draining thread, so a traced process never formats.
#include <cxxabi.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "csp/trace.hpp"
#include "trace_hook.hpp"

namespace csp {
namespace {

std::string demangled(const std::type_info& type) {
  int status = 0;
  char* const name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string text = status == 0 ? name : type.name();
  std::free(name);
  return text;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const unsigned char u = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (u < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", u);
      out += escape.data();
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.17g", value);
  return text.data();
}

/// A value as JSON; text format uses the same, without quotes.
std::string to_json(const Fields::Value& value) {
  if (const auto* u = std::get_if<std::uint64_t>(&value)) return std::to_string(*u);
  if (const auto* i = std::get_if<std::int64_t>(&value)) return std::to_string(*i);
  if (const auto* d = std::get_if<double>(&value)) return number(*d);
  if (const auto* b = std::get_if<bool>(&value)) return *b ? "true" : "false";
  if (const auto* text = std::get_if<ShortText>(&value)) return quoted(text->view());
  if (const auto* type = std::get_if<Fields::Type>(&value)) return quoted(demangled(*type->info));
  if (const auto* sum = std::get_if<Fields::Checksum>(&value)) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "\"%08x\"", static_cast<unsigned>(sum->crc32));
    return text.data();
  }
  return "null";
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

EventNames names_of(const Event& event) noexcept {
  EventNames names{{}, event.process.view(), event.channel.view()};
  const std::size_t slash = names.channel.find('/');
  if (slash == std::string_view::npos) return names;
  names.stream = names.channel.substr(0, slash);
  names.channel.remove_prefix(slash + 1);
  // A process of the stream carries the same label; a reader's does not.
  if (names.process.size() > slash && names.process[slash] == '/' &&
      names.process.substr(0, slash) == names.stream) {
    names.process.remove_prefix(slash + 1);
  }
  return names;
}

std::string to_text(const Event& event) {
  const EventNames names = names_of(event);
  std::array<char, 160> head{};
  std::snprintf(head.data(), head.size(), "%lld.%09lld %-15.*s %-6.*s %.*s",
                static_cast<long long>(event.time / 1'000'000'000),
                static_cast<long long>(event.time % 1'000'000'000),
                static_cast<int>(names.process.size()), names.process.data(),
                static_cast<int>(to_string(event.op).size()), to_string(event.op).data(),
                static_cast<int>(names.channel.size()), names.channel.data());
  std::string text = head.data();
  for (const Fields::Field& field : event.message.all()) {
    std::string value = to_json(field.value);
    if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
    text += " " + std::string(field.name) + "=" + value;
  }
  if (!names.stream.empty()) text += " stream=" + std::string(names.stream);
  if (event.waited > 0) text += " waited=" + std::to_string(event.waited / 1000) + "us";
  if (event.dropped > 0) text = std::to_string(event.dropped) + " events dropped; " + text;
  return text;
}

std::string to_json(const Event& event) {
  const EventNames names = names_of(event);
  std::string json =
      "{\"seq\":" + std::to_string(event.sequence) + ",\"time\":" + std::to_string(event.time) +
      ",\"proc\":" + quoted(names.process) + ",\"op\":" + quoted(to_string(event.op)) +
      ",\"chan\":" + quoted(names.channel);
  if (!event.message.all().empty()) {
    json += ",\"msg\":{";
    const char* comma = "";
    for (const Fields::Field& field : event.message.all()) {
      json += comma + quoted(field.name) + ":" + to_json(field.value);
      if (const auto* type = std::get_if<Fields::Type>(&field.value)) {
        json += ",\"size\":" + std::to_string(type->size);
      }
      comma = ",";
    }
    json += "}";
  }
  if (!names.stream.empty()) json += ",\"stream\":" + quoted(names.stream);
  if (event.waited > 0) json += ",\"waited\":" + std::to_string(event.waited);
  if (event.dropped > 0) json += ",\"dropped\":" + std::to_string(event.dropped);
  return json + "}";
}

// One table lookup a byte; only a recorder that asked for checksums pays.
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
