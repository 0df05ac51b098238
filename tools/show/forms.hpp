// SPDX-License-Identifier: Apache-2.0
//
// The text forms of names and messages for people, the same in every format.
//
// A trace may hold anything in its names and messages. These functions give one line of valid UTF-8
// without control characters. A format's writer escapes further characters that have a meaning in
// it (`;` in Mermaid, `<` in HTML). The short form of a message omits what a reader of a chart does
// not need (absent errors, checksums) and cuts long values; the tooltip of `html` and the arguments
// of `chrome` have the full message.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "show/trace.hpp"

namespace asyncstream::tools {

/// `text` with control characters written as \n or \x1b.
std::string printable(std::string_view text);

/// Of valid UTF-8, in code points.
std::size_t width(std::string_view text);

/// `len=10 error=boom`, `Foo (16 bytes)`, `"text"`, 7; empty for no message.
std::string short_message(const nlohmann::json& message);

/// The scenario's `name` or `about`; empty if there is none.
std::string scenario_text(const Trace& trace, const char* field);

std::string_view name_of(Op op);
const std::string& process_of(const Trace& trace, const Event& event);

/// The channel, or the call of a return as `read()`.
std::string subject_of(const Trace& trace, const Event& event);

/// The process at the other end of a message, or the one that closed what was found closed; or
/// empty.
std::string peer_of(const Trace& trace, const Event& event);

/// `send requests maxsize=100 offset=0`.
std::string describe(const Trace& trace, const Event& event);

/// `step 3: read reader=1 max=100`.
std::string step_title(const Trace& trace, std::int64_t step);

}  // namespace asyncstream::tools
