// SPDX-License-Identifier: Apache-2.0
//
// Writes a trace as a Mermaid sequence diagram, for documents.
//
// A message is one arrow, drawn where it was received; an event without a visible other end is a
// note. Mermaid refuses a text over 50 000 characters, so the diagram ends before that, with a note
// of what is missing. Participants are declared in the trace's order, and only if they are drawn.
//
// Escaping: Mermaid replaces `#code;` before it parses. So every character that could mean
// something in its grammar is written as such a code, and so is the `d` of the word "end", which
// would close a block.
#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "show/forms.hpp"
#include "show/writers.hpp"

namespace asyncstream::tools {
namespace {

constexpr std::size_t kMostCharacters = 45'000;

std::string escaped(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = static_cast<unsigned char>(text[i]);
    std::string before;
    for (std::size_t k = i < 2 ? 0 : i - 2; k < i; ++k) {
      before += static_cast<char>(std::tolower(static_cast<unsigned char>(text[k])));
    }
    const bool ends_block = before == "en" && (text[i] == 'd' || text[i] == 'D');
    const bool harmless = code >= 0x80 || std::isalnum(code) != 0 ||
                          std::string_view(" _.,=()[]/").find(text[i]) != std::string_view::npos;
    result += harmless && !ends_block ? std::string(1, text[i]) : '#' + std::to_string(code) + ';';
  }
  return result.find_first_not_of(' ') == result.npos ? "#32;" : result;
}

// Not "p" + ...: gcc 12 gives a false warning for that (its bug 105651).
std::string id(int process) { return std::string("p").append(std::to_string(process)); }

/// Collects lines until the diagram would become too long.
class Diagram {
 public:
  explicit Diagram(const Trace& trace) : trace_(trace), used_(trace.processes.size(), false) {
    for (const Event& event : trace.events) {
      if (!event.shown) continue;
      first_ = first_ == kNone ? event.process : std::min(first_, event.process);
      last_ = std::max(last_, event.process);
    }
  }

  /// False if the line did not fit; then nothing more is added.
  bool add(const std::string& line, std::initializer_list<int> processes) {
    std::size_t cost = line.size() + 5;
    for (const int process : processes) {
      if (!used_[at(process)]) cost += declaration(process).size();
    }
    full_ = full_ || size_ + cost > kMostCharacters;
    if (full_) return false;
    for (const int process : processes) used_[at(process)] = true;
    size_ += cost;
    body_ += "    " + line + '\n';
    return true;
  }

  bool banner(const std::string& text) {
    if (first_ == kNone) return true;  // nothing is shown
    const std::string over = first_ == last_ ? id(first_) : id(first_) + ',' + id(last_);
    return add("Note over " + over + ": " + text, {first_, last_});
  }

  void finish(std::size_t left_out, std::ostream& out) {
    out << "sequenceDiagram\n";
    for (int process = 0; process < static_cast<int>(used_.size()); ++process) {
      if (used_[at(process)]) out << declaration(process);
    }
    out << body_;
    if (left_out > 0) {
      out << "    Note over " << id(first_) << ": " << left_out
          << escaped(" more events do not fit: choose with --steps, --process or --channel")
          << '\n';
    }
  }

 private:
  std::string declaration(int process) const {
    return "    participant " + id(process) + " as " +
           escaped(printable(trace_.processes[at(process)])) + '\n';
  }

  const Trace& trace_;
  std::vector<bool> used_;
  int first_ = kNone;
  int last_ = kNone;
  bool full_ = false;
  std::size_t size_ = 0;
  std::string body_;
};

bool add_event(const Trace& trace, const Event& event, Diagram& diagram) {
  if (!is_whole(trace, event)) {
    const std::string peer = peer_of(trace, event);
    const std::string_view direction = event.op == Op::send ? " to " : " from ";
    const std::string with = peer.empty() ? "" : std::string(direction) + peer;
    return diagram.add(
        "Note over " + id(event.process) + ": " + escaped(describe(trace, event) + with),
        {event.process});
  }
  if (event.op == Op::send) return true;  // drawn at its receive
  const int from = pair_of(trace, event)->process;
  const std::string_view arrow = event.op == Op::closed ? "--x" : "->>";
  const std::string message = short_message(event.message);
  const std::string text = subject_of(trace, event) + (event.op == Op::closed ? " closed" : "") +
                           (message.empty() ? "" : ' ' + message);
  return diagram.add(id(from) + std::string(arrow) + id(event.process) + ": " + escaped(text),
                     {from, event.process});
}

}  // namespace

std::size_t write_mermaid(const Trace& trace, std::ostream& out) {
  Diagram diagram(trace);
  std::size_t left_out = 0;
  std::uint64_t lost = 0;
  std::int64_t step = 0;
  for (const Event& event : trace.events) {
    lost += event.lost;
    if (!event.shown) continue;
    if (lost > 0) diagram.banner(std::to_string(lost) + " events lost here");
    lost = 0;
    if (event.step != step) diagram.banner(escaped(step_title(trace, step = event.step)));
    const bool is_message = event.op == Op::recv && is_whole(trace, event);
    if (!add_event(trace, event, diagram)) left_out += is_message ? 2 : 1;
  }
  lost += trace.lost_at_end;
  if (lost > 0) diagram.banner(std::to_string(lost) + " events lost here");
  diagram.finish(left_out, out);
  return left_out;
}

}  // namespace asyncstream::tools
