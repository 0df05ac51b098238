// SPDX-License-Identifier: Apache-2.0
//
// Traces through a spdlog logger of the user's. The only public header that knows of spdlog, and it
// knows the name alone: the program decides which spdlog it includes, and must link the one that
// this library was built with.
#pragma once

#include <memory>

#include "csp/trace.hpp"

namespace spdlog {
class logger;
}

namespace csp {

enum class LogFormat { text, json };

/// Logs each event as one message of level info, as to_text() or to_json() give it. The logger's
/// own pattern, level and sinks apply; flushing it is part of flush_trace(). Throws
/// std::invalid_argument for null, such as spdlog::get() gives for a name it does not know.
std::shared_ptr<Recorder> spdlog_recorder(std::shared_ptr<spdlog::logger> logger,
                                          LogFormat format = LogFormat::text);

}  // namespace csp
