// SPDX-License-Identifier: Apache-2.0
//
// asyncstream show: displays a trace.
//
// It reads a trace (show/trace.hpp), hides what was not asked for, and passes it to the writer of
// the format. A trace that breaks off is shown as far as it goes, with the place and the reason on
// stderr and exit code 2, because the actions of a program before it died are of interest. The
// output is opened only after the options were checked, so a mistyped filter leaves no empty file.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>

#include "commands.hpp"
#include "show/filter.hpp"
#include "show/forms.hpp"
#include "show/trace.hpp"
#include "show/writers.hpp"

namespace asyncstream::tools {
namespace {

constexpr int kFailed = 1;
constexpr int kBadInput = 2;

struct Options {
  std::string trace;
  std::string format = "text";
  std::string out;
  Filter filter;
};

int complain(int status, const std::string& text) {
  std::cerr << "asyncstream show: " << text << '\n';
  return status;
}

void write_mermaid_excerpt(const Trace& trace, std::ostream& out) {
  const std::size_t left_out = write_mermaid(trace, out);
  if (left_out > 0) {
    complain(0, std::to_string(left_out) +
                    " events do not fit in a Mermaid diagram and were left "
                    "out; select some with --steps, --process or --channel, or use --as html");
  }
}

using Writer = void (*)(const Trace&, std::ostream&);

const std::map<std::string, Writer>& writers() {
  static const std::map<std::string, Writer> by_format = {{"text", write_text},
                                                          {"mermaid", write_mermaid_excerpt},
                                                          {"chrome", write_chrome},
                                                          {"shiviz", write_shiviz},
                                                          {"html", write_html}};
  return by_format;
}

int write(const Trace& trace, Writer writer, const std::string& name) {
  std::ofstream file;
  if (!name.empty()) file.open(name, std::ios::binary);
  std::ostream& out = name.empty() ? std::cout : file;
  if (out) writer(trace, out);
  if (out.flush()) return 0;
  const std::string output = name.empty() ? "the standard output" : '\'' + name + '\'';
  return complain(kFailed, "cannot write " + output + ": " + std::strerror(errno));
}

int show(const Options& options) {
  const auto writer = writers().find(options.format);
  if (writer == writers().end()) {
    return complain(kBadInput, "unknown format '" + printable(options.format) +
                                   "'; choose text, mermaid, chrome, shiviz or html");
  }
  std::ifstream file;
  if (options.trace != "-") file.open(options.trace, std::ios::binary);
  std::istream& input = options.trace == "-" ? std::cin : file;
  // Opening a folder succeeds; the first read from it fails.
  if (!input || (input.peek() == EOF && input.bad())) {
    return complain(kBadInput, "cannot read '" + options.trace + "': " + std::strerror(errno));
  }
  auto [trace, broken] = read_trace(input);
  int status = 0;
  if (broken) {
    status = complain(kBadInput, options.trace + ':' + std::to_string(broken->line) + ": " +
                                     printable(broken->reason) + "; shown up to there");
  } else if (trace.events.empty()) {
    status = complain(kBadInput, options.trace + ": has no event");
  }
  if (trace.events.empty()) return status;
  if (const auto complaint = apply_filter(options.filter, trace)) {
    return complain(kBadInput, options.trace + ": " + *complaint);
  }
  const int written = write(trace, writer->second, options.out);
  return status != 0 ? status : written;
}

}  // namespace

void add_show(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("show", "Show a trace: as text, a picture or a page");
  const auto options = std::make_shared<Options>();
  command->add_option("trace", options->trace, "A trace as JSON Lines; - means the standard input")
      ->required()
      ->type_name("TRACE");
  command->add_option("--as", options->format, "text, mermaid, chrome, shiviz or html")
      ->capture_default_str()
      ->type_name("FORMAT");
  command->add_option("--steps", options->filter.steps, "Only these steps of a scenario")
      ->type_name("A-B");
  command->add_option("--process", options->filter.processes, "Only this process (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--channel", options->filter.channels, "Only this channel (repeatable)")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--out", options->out, "Write to this file, not to the standard output")
      ->type_name("FILE");
  command->footer(
      "Shows the traces that `asyncstream run` writes, and those of any program that runs with\n"
      "CSP_TRACE=json:FILE. html is a page with lifelines and arrows, chrome is for Perfetto,\n"
      "shiviz has vector clocks, mermaid is a diagram for documents, and text is a table.\n\n"
      "Exit status: 0 shown; 1 the output cannot be written; 2 bad input. A trace that breaks off\n"
      "is shown up to there.\n\n"
      "Examples:\n"
      "  asyncstream show tests/golden/named/catch-up.jsonl --steps 1-3\n"
      "  asyncstream show tests/golden/named/catch-up.jsonl --as html --out page.html");
  command->callback([options, &status] { status = show(*options); });
}

}  // namespace asyncstream::tools
