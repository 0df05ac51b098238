// SPDX-License-Identifier: Apache-2.0
//
// The output formats of `asyncstream show`, one source file each.
//
// A writer walks along the events that are shown, in the order of the trace, and writes; it decides
// nothing about pairs or order. Each says where events were lost, in the way its format has. An
// error of the stream is the caller's to notice.
#pragma once

#include <cstddef>
#include <ostream>

#include "show/trace.hpp"

namespace asyncstream::tools {

/// A table, aligned.
void write_text(const Trace& trace, std::ostream& out);

/// A Mermaid sequenceDiagram; gives the number of shown events that did not fit in one.
std::size_t write_mermaid(const Trace& trace, std::ostream& out);

/// Chrome's trace event JSON, for Perfetto and chrome://tracing.
void write_chrome(const Trace& trace, std::ostream& out);

/// A log with vector clocks, for ShiViz.
void write_shiviz(const Trace& trace, std::ostream& out);

/// One page with everything in it.
void write_html(const Trace& trace, std::ostream& out);

}  // namespace asyncstream::tools
