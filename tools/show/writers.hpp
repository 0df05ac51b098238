// SPDX-License-Identifier: Apache-2.0
//
// The output formats of `asyncstream show`, one source file each.
//
// A writer walks along the shown events in the order of the trace and writes; it decides nothing
// about pairs or order. Each format shows in its own way where events were lost. The caller checks
// the stream for errors.
#pragma once

#include <cstddef>
#include <ostream>

#include "show/trace.hpp"

namespace asyncstream::tools {

/// A table, aligned.
void write_text(const Trace& trace, std::ostream& out);

/// A Mermaid sequenceDiagram; returns the number of shown events that did not fit.
std::size_t write_mermaid(const Trace& trace, std::ostream& out);

/// Chrome's trace event JSON, for Perfetto and chrome://tracing.
void write_chrome(const Trace& trace, std::ostream& out);

/// A log with vector clocks, for ShiViz.
void write_shiviz(const Trace& trace, std::ostream& out);

/// One page with everything in it.
void write_html(const Trace& trace, std::ostream& out);

}  // namespace asyncstream::tools
