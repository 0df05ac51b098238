// SPDX-License-Identifier: Apache-2.0
//
// The program asyncstream: passes the command line to its subcommands, one file each. Every error
// becomes one line on stderr and an exit code: 2 for an invalid command line, 1 for an unforeseen
// error.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "commands.hpp"
#include "print_waiting.hpp"

namespace {

/// Opens /dev/null on each standard descriptor that is closed, in a mode that cannot be used.
/// Otherwise the next opened file would get its number, and messages to stderr could end up in a
/// user's data.
void occupy_standard_descriptors() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(fd, F_GETFD) < 0) {
      (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
  }
}

int complain(const std::string& command, std::string text, int status) {
  std::ranges::replace(text, '\n', ' ');
  std::cerr << command + ": " + text + '\n';
  return status;
}

/// "--from=", say, where the shell's variable behind it was empty. The parser would take the next
/// word.
bool has_nothing_behind(const std::string& word) {
  return word.starts_with("--") && word.find('=') + 1 == word.size();
}

int run(int argc, char** argv) {
  using namespace asyncstream::tools;
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  const std::string first = words.empty() ? "" : words.front();
  int status = 0;
  CLI::App app("Streams: one source, many readers, each at its own pace", "asyncstream");
  add_tee(app, status, words);
  add_run(app, status);
  add_compare(app, status);
  add_show(app, status);
#ifdef ASYNCSTREAM_BENCHMARKS
  add_bench(app, status);
#endif
  app.require_subcommand(1);
  app.footer(
      "Each subcommand has its own --help. If the program seems to hang, kill -USR1\n"
      "makes it print what waits for what on stderr, and continue.\n\n"
      "Example:\n"
      "  tar c src | asyncstream tee src.tar --pipe sha256sum");

  const std::string version = "asyncstream " ASYNCSTREAM_VERSION;
  app.set_version_flag("--version", version);
  for (CLI::App* const command : app.get_subcommands({})) {
    command->set_version_flag("--version", version);
  }
  const auto is_subcommand = [&](const std::string& word) {
    return std::ranges::any_of(app.get_subcommands({}), [&](const CLI::App* command) {
      return command->get_name() == word;
    });
  };
  const auto no_subcommand = [](const std::string& word) {
    return '"' + word + "\" is no subcommand";
  };
  // Before a --help behind it would be answered.
  if (!first.empty() && first.front() != '-' && !is_subcommand(first)) {
    return complain("asyncstream", no_subcommand(first) + "; see asyncstream --help", 2);
  }
  const std::string name = "asyncstream" + (is_subcommand(first) ? ' ' + first : "");
  if (const auto empty = std::ranges::find_if(words, has_nothing_behind); empty != words.end()) {
    return complain(name, *empty + " has nothing behind it; see " + name + " --help", 2);
  }
  try {
    std::ranges::reverse(words);  // as the parser takes them
    app.parse(std::move(words));
    return status;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const bool known = is_subcommand(first) || first.empty();
    const std::string what = known ? error.what() : no_subcommand(first);
    return complain(name, what + "; see " + name + " --help", 2);
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_standard_descriptors();
  try {
    asyncstream::tools::print_waiting_on_signal();
    return run(argc, argv);
  } catch (const std::exception& error) {
    return complain("asyncstream", error.what(), 1);
  }
}
