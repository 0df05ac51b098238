// SPDX-License-Identifier: Apache-2.0
//
// The text forms of names and messages that forms.hpp promises.
//
// A message that could not describe itself arrives as {"type": name, "size": bytes} and is shown as
// such. Any other object becomes `key=value` pairs, in the sorted order of the parsed keys. A value
// that could be misread among them, such as a text with a space, keeps its quotes.
#include "show/forms.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace asyncstream::tools {
namespace {

using nlohmann::json;

constexpr std::size_t kLongest = 72;

bool starts_code_point(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

std::string shortened(std::string text) {
  std::size_t points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (starts_code_point(text[i]) && ++points > kLongest) {
      text.resize(i);
      return text + "…";
    }
  }
  return text;
}

std::string value_text(const json& value) {
  if (value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    const bool plain = !text.empty() && text.find_first_of(" =\"\\{}[],") == text.npos;
    if (plain && printable(text) == text) return text;
  }
  return value.dump();
}

std::string fields(const json& object, std::string_view without = {}) {
  std::string result;
  for (const auto& [key, value] : object.items()) {
    if (value.is_null() || key == "crc32" || key == without) continue;
    if (!result.empty()) result += ' ';
    result += key + '=' + value_text(value);
    if (result.size() > 4 * kLongest) break;
  }
  return result;
}

bool is_type_and_size(const json& message) {
  return message.size() == 2 && message.contains("type") && message["type"].is_string() &&
         message.contains("size") && message["size"].is_number();
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code >= 0x20 && code != 0x7F) {
      result += byte;
    } else if (byte == '\n') {
      result += "\\n";
    } else {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", code);
      result += escaped.data();
    }
  }
  return result;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string short_message(const json& message) {
  if (message.is_null()) return {};
  if (message.is_object()) {
    if (is_type_and_size(message)) {
      return shortened(printable(message["type"].get_ref<const std::string&>()) + " (" +
                       message["size"].dump() + " bytes)");
    }
    return shortened(printable(fields(message)));
  }
  return shortened(printable(message.dump()));
}

std::string scenario_text(const Trace& trace, const char* field) {
  if (!trace.scenario.is_object() || !trace.scenario.contains(field)) return {};
  const json& value = trace.scenario[field];
  return value.is_string() ? printable(value.get_ref<const std::string&>()) : value.dump();
}

std::string_view name_of(Op op) {
  constexpr std::array<std::string_view, 5> kNames = {"send", "recv", "close", "closed", "return"};
  return kNames.at(static_cast<std::size_t>(op));
}

const std::string& process_of(const Trace& trace, const Event& event) {
  return trace.processes[at(event.process)];
}

std::string subject_of(const Trace& trace, const Event& event) {
  if (event.channel == kNone) return printable(event.call) + "()";
  return printable(trace.channels[at(event.channel)]);
}

std::string peer_of(const Trace& trace, const Event& event) {
  const Event* pair = pair_of(trace, event);
  return pair == nullptr ? "" : printable(process_of(trace, *pair));
}

std::string describe(const Trace& trace, const Event& event) {
  std::string result = std::string(name_of(event.op)) + ' ' + subject_of(trace, event);
  const std::string message = short_message(event.message);
  if (!message.empty()) result += ' ' + message;
  return result;
}

std::string step_title(const Trace& trace, std::int64_t step) {
  std::string result = "step " + std::to_string(step);
  if (!trace.scenario.is_object() || !trace.scenario.contains("steps")) return result;
  const json& steps = trace.scenario["steps"];
  const auto index = static_cast<std::size_t>(step - 1);
  if (!steps.is_array() || index >= steps.size() || !steps[index].is_object()) return result;
  const json& action = steps[index];
  if (action.contains("do")) result += ": " + printable(value_text(action["do"]));
  const std::string rest = printable(fields(action, "do"));
  return shortened(rest.empty() ? result : result + ' ' + rest);
}

}  // namespace asyncstream::tools
