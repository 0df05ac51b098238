// SPDX-License-Identifier: Apache-2.0
//
// The options that every subcommand has which plays scenarios.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

#include "scenario/player.hpp"

namespace asyncstream::tools {

/// `playing` is written to when `command` is parsed, and must be there until then.
inline void add_play_options(CLI::App& command, Playing& playing) {
  command
      .add_option_function<int>(
          "--limit", [&playing](int ms) { playing.limit = std::chrono::milliseconds(ms); },
          "how long one step may take, in milliseconds")
      ->default_str(std::to_string(playing.limit.count()))
      ->check(CLI::Range(1, 86'400'000));
  command
      .add_option_function<std::string>(
          "--hosting",
          [&playing](const std::string& name) {
            playing.hosting =
                name == "dedicated" ? csp::Hosting::dedicated : csp::Hosting::assisted;
          },
          "where the stream's processes run: assisted by the threads that bring them messages (the "
          "default unless ASYNCSTREAM_HOSTING says otherwise), or each on its dedicated thread")
      ->type_name("assisted|dedicated")
      ->check(CLI::IsMember({"assisted", "dedicated"}).description(""));
  command.add_flag_callback(
      "--untraced",
      [&playing] {
        if (std::getenv("ASYNCSTREAM_TRACE")) {
          throw CLI::ValidationError("--untraced",
                                     "ASYNCSTREAM_TRACE is set, and traces everything");
        }
        playing.traced = false;
      },
      "attach no trace; only what the calls return is looked at");
}

}  // namespace asyncstream::tools
