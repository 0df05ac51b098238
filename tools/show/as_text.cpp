// SPDX-License-Identifier: Apache-2.0
//
// Writes a trace as a table for the terminal.
//
// Each event is one line, and a column exists only if some event fills it. `with` is the process at
// the other end. Times are microseconds since the first event of the trace, with tenths, because a
// message between threads takes from a tenth to some tens of them. A scenario's steps are headings.
#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "show/forms.hpp"
#include "show/writers.hpp"

namespace asyncstream::tools {
namespace {

constexpr std::size_t kColumns = 7;
constexpr std::size_t kRightAligned = 2;  // the first two are numbers
using Row = std::array<std::string, kColumns>;

std::string microseconds(std::int64_t nanoseconds) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(nanoseconds) / 1000);
  return text.data();
}

Row row_of(const Trace& trace, const Event& event) {
  return {trace.timed ? microseconds(event.time) : "",
          event.waited > 0 ? microseconds(event.waited) : "",
          printable(process_of(trace, event)),
          std::string(name_of(event.op)),
          subject_of(trace, event),
          peer_of(trace, event),
          short_message(event.message)};
}

void write_row(const Row& row, const std::array<std::size_t, kColumns>& widths, std::ostream& out) {
  std::string line;
  for (std::size_t column = 0; column < kColumns; ++column) {
    if (widths[column] == 0) continue;
    const std::string padding(widths[column] - width(row[column]) + 2, ' ');
    if (column < kRightAligned) {
      line += padding.substr(2) + row[column] + "  ";
    } else {
      line += row[column] + padding;
    }
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

void write_loss(std::uint64_t lost, std::ostream& out) {
  if (lost > 0) out << "~~~~ " << lost << " events lost here ~~~~\n";
}

}  // namespace

void write_text(const Trace& trace, std::ostream& out) {
  const Row head = {"time µs", "waited µs", "process", "op", "channel", "with", "message"};
  std::vector<std::pair<const Event*, Row>> rows;
  std::array<std::size_t, kColumns> widths{};
  for (const Event& event : trace.events) {
    if (!event.shown) {
      if (event.lost > 0) rows.push_back({&event, {}});
      continue;
    }
    rows.push_back({&event, row_of(trace, event)});
    for (std::size_t i = 0; i < kColumns; ++i) {
      widths[i] = std::max(widths[i], width(rows.back().second[i]));
    }
  }
  for (std::size_t i = 0; i < kColumns; ++i) {
    if (widths[i] > 0) widths[i] = std::max(widths[i], width(head[i]));
  }
  const std::string about = scenario_text(trace, "about");
  out << scenario_text(trace, "name") << (about.empty() ? "" : ": " + about + '\n');
  write_row(head, widths, out);
  std::int64_t step = 0;
  for (const auto& [event, row] : rows) {
    write_loss(event->lost, out);
    if (!event->shown) continue;
    if (event->step != step) out << "-- " << step_title(trace, step = event->step) << '\n';
    write_row(row, widths, out);
  }
  write_loss(trace.lost_at_end, out);
}

}  // namespace asyncstream::tools
