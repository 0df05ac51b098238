// SPDX-License-Identifier: Apache-2.0
//
// The subcommands of the program `asyncstream`, one source file each.
//
// Each function adds its subcommand to `app`, with options and a callback that does the work. The
// callback runs while `app` parses, prints its own messages and stores the exit code in `status`: 0
// done, 1 it failed while running, 2 its input was bad. It throws only for unforeseen errors. Both
// `app` and `status` must outlive the parse. A subcommand knows nothing of the others, so the main
// file is a list of these calls.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace asyncstream::tools {

void add_bench(CLI::App& app, int& status);  // if built with -Dbenchmarks
void add_compare(CLI::App& app, int& status);
void add_run(CLI::App& app, int& status);
void add_show(CLI::App& app, int& status);
/// Takes from the command line's words, if they are for it, those that name sinks.
void add_tee(CLI::App& app, int& status, std::vector<std::string>& words);

}  // namespace asyncstream::tools
