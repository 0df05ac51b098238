// SPDX-License-Identifier: Apache-2.0
//
// Sends a trace to a spdlog logger of the program. This is the only public header that refers to
// spdlog, and it only declares the logger's name. The program chooses the spdlog that it includes,
// and must link the one that this library was built with.
//
//   auto trace = csp::attach(csp::spdlog_recorder(spdlog::default_logger()));
#pragma once

#include <memory>

#include "csp/trace.hpp"

namespace spdlog {
class logger;
}

namespace csp {

/// How an event is logged: as to_text() or as to_json() formats it.
enum class LogFormat { text, json };

/// A recorder that logs each event as one message of level info. The logger's own pattern, level
/// and sinks apply; flush_trace() also flushes it. Throws std::invalid_argument if the logger is
/// null, as spdlog::get() returns for an unknown name. Thread-safe.
std::shared_ptr<Recorder> spdlog_recorder(std::shared_ptr<spdlog::logger> logger,
                                          LogFormat format = LogFormat::text);

}  // namespace csp
