// SPDX-License-Identifier: Apache-2.0
//
// asyncstream tee: one source, many sinks, each at its own pace. Here is its command line; the work
// is in tee/fan_out.cpp.
//
// The program tee writes each block to all its outputs before it reads the next, so one that fails
// can end all, and nothing can be begun again. Here the source is a stream that each sink reads for
// itself, and may read anew.
#include <CLI/CLI.hpp>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commands.hpp"
#include "tee/command_line.hpp"
#include "tee/complain.hpp"
#include "tee/fan_out.hpp"
#include "tee/shown.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools {
namespace {

constexpr const char* kHelp =
    R"(Sinks: files, commands, or - for the standard output. SIZE is bytes, or K, M, G, T
of them, powers of 1024, such as 1.5G; TIME is seconds, or ms, s, m, h.
Exit status: 0 all sinks (or --want K) are complete; 1 a sink or the source failed;
2 bad input, nothing was written; 128+n ended by signal n.
Examples:
  tar c src | asyncstream tee src.tar --pipe sha256sum --pipe 'xz > src.tar.xz'
  asyncstream tee --from disk.img --progress /mnt/a/disk.img /mnt/b/disk.img
Replay: a failed upload is begun again, from byte 0
  pg_dump db | asyncstream tee --retry 3 --atomic db.sql --pipe 'curl -sfT - http://a/db'
Quorum: two of three servers, the third begins if one of the others fails for good
  asyncstream tee --from block --want 2 --retry 2 --sink-timeout 1m \
    --pipe 'curl -sfT - http://a/b' --pipe 'curl -sfT - http://b/b' \
    --pipe 'curl -sfT - http://c/b'
Spill: more than memory holds, and no sink waits for another
  asyncstream tee --spill /var/tmp --from-command 'zfs send tank' --pipe 'xz > a.xz' b)";

struct Line {
  tee::Plan plan;
  std::optional<std::string> buffer;
  std::optional<std::string> retry_delay;
  std::optional<std::string> sink_timeout;
};

std::optional<std::size_t> size_of(const char* option, const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const std::optional<std::size_t> size = tee::parse_size(*text);
  if (size) return size;
  throw tee::Refusal(std::string(option) + ' ' + tee::printable(*text) +
                     " is no size; give bytes, or a number with K, M, G or T, such as 64M");
}

std::optional<std::chrono::milliseconds> time_of(const char* option,
                                                 const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const std::optional<std::chrono::milliseconds> time = tee::parse_time(*text);
  if (time && time->count() > 0) return time;
  throw tee::Refusal(std::string(option) + ' ' + tee::printable(*text) +
                     " is no time; give seconds, or a number with ms, s, m or h, such as 1.5m");
}

/// The plan, if it makes sense.
const tee::Plan& complete(Line& line) {
  tee::Plan& plan = line.plan;
  if (plan.sinks.empty()) {
    throw tee::Refusal("no sink; name a FILE, a command with --pipe, or - for standard output");
  }
  plan.buffer = size_of("--buffer", line.buffer);
  plan.retry_delay = time_of("--retry-delay", line.retry_delay).value_or(plan.retry_delay);
  plan.sink_timeout = time_of("--sink-timeout", line.sink_timeout);
  if (plan.source_command && plan.source_command->empty()) {
    throw tee::Refusal("--from-command '' is no command");
  }
  if (plan.want && (*plan.want == 0 || *plan.want > plan.sinks.size())) {
    throw tee::Refusal("--want " + std::to_string(*plan.want) + " of " +
                       std::to_string(plan.sinks.size()) +
                       " sinks; give 1 to as many as there are");
  }
  if (plan.append && plan.retry > 0) {
    throw tee::Refusal("--retry writes a file anew, --append keeps it; give one of them");
  }
  if (plan.append && plan.atomic) {
    throw tee::Refusal("--atomic replaces a file, --append keeps it; give one of them");
  }
  return plan;
}

/// As the signal would have ended the program; a shell's loop around it ends then, too.
void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

int run(Line& line) {
  int status = 2;
  try {
    status = tee::fan_out(complete(line));
  } catch (const tee::Refusal& refusal) {
    tee::complain(refusal.what());
  }
  if (status > 128) die_of(status - 128);
  return status;
}

}  // namespace

void add_tee(CLI::App& app, int& status, std::vector<std::string>& words) {
  const auto line = std::make_shared<Line>();
  tee::Plan& plan = line->plan;
  CLI::App* const command =
      app.add_subcommand("tee", "Copy one source to many sinks, each at its own pace");
  const auto option = [command](const char* name, auto& value, const char* type, const char* what) {
    return command->add_option(name, value, what)->type_name(type);
  };
  const auto flag = [command](const char* name, bool& value, const char* what) {
    command->add_flag(name, value, what);
  };
  // Taken from the words below, and only described here.
  std::string no_sink;
  option("FILE", no_sink, "...", "Sinks: files, or - for the standard output");
  option("--pipe", no_sink, "CMD", "A sink: standard input of `sh -c CMD` (repeatable)");

  CLI::Option* const from = option("--from", plan.source, "FILE", "The source; by default stdin");
  option("--from-command", plan.source_command, "CMD", "The source: its output, exit status counts")
      ->excludes(from);
  option("--buffer", line->buffer, "SIZE", "Kept of the source at most; by default 1G");
  option("--spill", plan.spill, "DIR", "Keep it in a file in DIR, by default as large as fits");
  option("--retry", plan.retry, "N", "Begin a failed sink again, up to N times, from byte 0");
  option("--retry-delay", line->retry_delay, "TIME",
         "... after TIME (1s), then twice that, to 30s");
  option("--want", plan.want, "K", "K complete sinks are enough; later ones are spares");
  option("--sink-timeout", line->sink_timeout, "TIME", "A sink that takes nothing so long failed");
  flag("-a,--append", plan.append, "Append to the files instead of overwriting them");
  flag("--atomic", plan.atomic, "Files appear when complete, under their names");
  flag("--sync", plan.sync, "Complete is what is on the disk");
  flag("-p", plan.tolerant, "A FIFO or stdout whose reader goes has not failed");
  flag("--progress", plan.progress, "Show progress on stderr, not only on a terminal");
  flag("--stats", plan.stats, "Tell of each sink its bytes, time and rate, on stderr");
  flag("--digest", plan.digest, "Tell of each sink the CRC-32 of its bytes");
  command->footer(kHelp);
  command->callback([line, &status] { status = run(*line); });

  if (words.empty() || words.front() != command->get_name()) return;
  words.erase(words.begin());
  plan.sinks = tee::take_sinks(words, [command](const std::string& word) {
    const CLI::Option* const found = command->get_option_no_throw(word);
    return found && found->get_expected_max() > 0;
  });
  words.insert(words.begin(), command->get_name());
}

}  // namespace asyncstream::tools
