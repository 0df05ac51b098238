// SPDX-License-Identifier: Apache-2.0
//
// How names and messages are written for people, in every format alike.
//
// A trace may hold anything in its names and messages: these functions give one line of valid
// UTF-8 without control characters. What a format gives a meaning to beyond that (`;` in Mermaid,
// `<` in HTML) its writer escapes. The short form of a message drops what a reader of a chart does
// not look for (absent errors, checksums) and cuts what is long; the full message is in the tooltip
// of `html` and the arguments of `chrome`.
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

/// The process at the other end of a message, or that closed what was found closed; or empty.
std::string peer_of(const Trace& trace, const Event& event);

/// `send requests maxsize=100 offset=0`.
std::string describe(const Trace& trace, const Event& event);

/// `step 3: read reader=1 max=100`.
std::string step_title(const Trace& trace, std::int64_t step);

}  // namespace asyncstream::tools
