// SPDX-License-Identifier: Apache-2.0
//
// asyncstream tee: one source, many sinks, each at its own pace. Here is its command line; the work
// is in tee/fan_out.cpp.
//
// The program tee writes each block to all its outputs before it reads the next, so the slowest one
// paces all, and one that fails can end all. Here the source is pulled as fast as it comes, into a
// buffer that holds it whole, and the sinks neither wait for each other nor fall together.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "tee/fan_out.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools {
namespace {

constexpr const char* kHelp =
    R"(At least one sink has to be named. The source is kept in memory while the sinks take
it, each at its own pace; a slow or failing one neither delays nor stops the others.
SIZE is a number of bytes, or of K, M or G of them, which are powers of 1024.

Exit status:
  0      every sink has all of the source, every command ended with status 0
  1      a sink failed (full disk, broken pipe, command's exit status), the source
         failed, or was longer than the buffer: the message names it, and all other
         sinks have everything that was read
  2      bad input: an unreadable source, a sink that cannot be opened or is the
         source too, a bad size or option. Nothing was written
  128+n  ended by signal n (129: SIGHUP, 130: SIGINT, 143: SIGTERM);
         commands are terminated; a second signal ends it at once

Examples:
  tar c src | asyncstream tee src.tar --pipe sha256sum --pipe 'xz > src.tar.xz'
  asyncstream tee --from disk.img --progress /mnt/a/disk.img /mnt/b/disk.img
  curl -s https://example.org/data | asyncstream tee --buffer 4G --stats --digest - copy)";

struct Line {
  tee::Plan plan;
  std::optional<std::string> file;
  std::optional<std::string> buffer;
};

/// The files: the first, and what the parser has left over, which may be mistyped options. (A
/// vector as the positional argument would be simpler, but CLI11 takes "[x]" for a list and writes
/// to "x".)
std::vector<std::string> files_of(const Line& line, const std::vector<std::string>& left_over) {
  std::vector<std::string> files;
  if (line.file) files.push_back(*line.file);
  bool options_over = false;
  for (const std::string& word : left_over) {
    if (!options_over && word.size() > 1 && word.front() == '-') {
      if (word != "--") throw tee::Refusal("no option " + tee::printable(word) + "; see --help");
      options_over = true;
    } else {
      files.push_back(word);
    }
  }
  return files;
}

int run(Line& line, const CLI::App& command) {
  try {
    tee::Plan& plan = line.plan;
    plan.files = files_of(line, command.remaining());
    if (plan.files.empty() && plan.commands.empty()) {
      throw tee::Refusal("no sink; name a FILE, a command with --pipe, or - for standard output");
    }
    if (line.buffer) {
      plan.buffer = tee::parse_size(*line.buffer);
      if (!plan.buffer) {
        throw tee::Refusal("--buffer " + tee::printable(*line.buffer) +
                           " is no size; give bytes, or a number with K, M or G, such as 64M");
      }
    }
    return tee::fan_out(plan);
  } catch (const tee::Refusal& refusal) {
    std::cerr << std::string("asyncstream tee: ") + refusal.what() + '\n';
    return 2;
  }
}

}  // namespace

void add_tee(CLI::App& app, int& status) {
  const auto line = std::make_shared<Line>();
  tee::Plan& plan = line->plan;
  CLI::App* const command =
      app.add_subcommand("tee", "Copy one source to many sinks, each at its own pace");
  command->add_option("FILE", line->file, "Sinks: files, or - for the standard output")
      ->type_name("...");
  command->allow_extras();
  command->add_option("--from", plan.source, "The source; by default the standard input")
      ->type_name("FILE");
  command->add_option("--pipe", plan.commands, "A sink: standard input of `sh -c CMD` (repeatable)")
      ->type_name("CMD")
      ->allow_extra_args(false);
  command
      ->add_option("--buffer", line->buffer,
                   "The longest source; by default a regular file's size, else 1G")
      ->type_name("SIZE");
  command->add_flag("--append", plan.append, "Append to the files instead of overwriting them");
  command->add_flag("--progress", plan.progress,
                    "Show progress on stderr; by default only on a terminal, after a second");
  command->add_flag("--stats", plan.stats, "Tell of each sink its bytes, time and rate, on stderr");
  command->add_flag("--digest", plan.digest, "Tell of each sink the CRC-32 of its bytes");
  command->footer(kHelp);
  command->callback([line, command, &status] { status = run(*line, *command); });
}

}  // namespace asyncstream::tools
