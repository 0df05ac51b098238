// SPDX-License-Identifier: Apache-2.0
//
// asyncstream run: plays a scenario on a real stream and prints its canonical trace, so that the
// port's behaviour can be read, kept, and compared with the Go reference's.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "commands.hpp"
#include "scenario/play_options.hpp"

namespace asyncstream::tools {
namespace {

struct RunOptions {
  std::string scenario;
  std::string trace;
  Playing playing;
};

int run(const RunOptions& options) {
  try {
    const Recording recording = load_recording(options.scenario);
    const Trace trace = play(recording.scenario, options.playing);
    const std::string lines = nlohmann::ordered_json{{"scenario", recording.scenario.json}}.dump() +
                              "\n" + to_lines(trace);
    if (options.trace.empty()) {
      std::cout << lines << std::flush;
      return std::cout ? 0 : 1;
    }
    std::ofstream file(options.trace, std::ios::binary);
    file << lines << std::flush;
    if (file) return 0;
    std::cerr << "asyncstream run: cannot write '" << options.trace << "': " << std::strerror(errno)
              << "\n";
    return 2;
  } catch (const BadInput& e) {
    std::cerr << "asyncstream run: " << e.what() << "\n";
    return 2;
  } catch (const StuckStep& e) {
    std::cerr << "asyncstream run: " << e.what();
    return 1;
  }
}

}  // namespace

void add_run(CLI::App& app, int& status) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const command = app.add_subcommand("run", "Play a scenario and print its trace");
  command
      ->add_option("SCENARIO", options->scenario,
                   "A scenario, or a recording, whose first line is one")
      ->required();
  command->add_option("--trace", options->trace,
                      "Write the trace to this file, not to the standard output");
  add_play_options(*command, options->playing);
  command->footer(
      "Plays the scenario on a real stream with a scripted source. tests/golden/README.md\n"
      "describes scenarios and traces.\n\n"
      "Exit status: 0 played; 1 a step blocked or did not come to rest; 2 bad input.\n\n"
      "Examples:\n"
      "  asyncstream run tests/golden/named/pending-order.jsonl\n"
      "  asyncstream run tests/golden/named/catch-up.jsonl --trace catch-up.jsonl");
  command->callback([options, &status] { status = run(*options); });
}

}  // namespace asyncstream::tools
