// SPDX-License-Identifier: Apache-2.0
//
// The options of every subcommand that plays scenarios.
#pragma once

#include <CLI/CLI.hpp>
#include <csp/tracing.hpp>
#include <string>

#include "scenario/player.hpp"

namespace asyncstream::tools {

/// The parse of `command` writes to `playing`, which must exist until then.
inline void add_play_options(CLI::App& command, Playing& playing) {
  command
      .add_option_function<int>(
          "--limit", [&playing](int ms) { playing.limit = std::chrono::milliseconds(ms); },
          "How long one step may take, in milliseconds")
      ->default_str(std::to_string(playing.limit.count()))
      ->check(CLI::Range(1, 86'400'000));
  command
      .add_option_function<std::string>(
          "--reads",
          [&playing](const std::string& name) {
            playing.reads = name == "posted" ? Reads::posted : Reads::by_message;
          },
          "How reads below the frontier are answered: from what transfer has\n"
          "posted (the default), or by message, as always with a trace")
      ->type_name("posted|by_message")
      ->check(CLI::IsMember({"posted", "by_message"}).description(""));
  command.add_flag_callback(
      "--untraced",
      [&playing] {
        if (csp::tracing()) {
          throw CLI::ValidationError("--untraced", "CSP_TRACE traces everything; unset it");
        }
        playing.traced = false;
      },
      "Attach no trace; use only what the calls return");
}

}  // namespace asyncstream::tools
