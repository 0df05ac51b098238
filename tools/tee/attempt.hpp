// SPDX-License-Identifier: Apache-2.0
//
// Attempt: one try to bring the source to a sink, from byte 0: it opens the sink, writes what its
// tap brings, and finds out how it went. It runs on the sink's process.
//
// No write waits without listening for an interruption: the descriptor is written only when poll()
// says it may, with O_NONBLOCK where it is ours to set. A standard output that is no terminal is
// shared with whatever gave it to us and stays as it is; there, PIPE_BUF bytes at a time never
// block once poll() has found room.
//
// Nothing is complete before it was asked whether a signal has come, and a command is told the end
// of its input only if all of the source was there: else it is killed first.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>

#include "tee/ending.hpp"
#include "tee/feed.hpp"
#include "tee/interruption.hpp"
#include "tee/lookout.hpp"
#include "tee/plan.hpp"
#include "tee/target.hpp"

namespace asyncstream::tools::tee {

/// What all attempts share.
struct Surroundings {
  const Plan& plan;
  const Interruption& interruption;
  const Lookout& lookout;
  Feed& feed;
};

class Attempt {
 public:
  struct Reports {
    std::function<void(std::uint64_t)> bytes;  // so many are written
    std::function<void()> deserted;  // its reader has gone, and has had all that there was so far
  };

  Attempt(const Surroundings& around, Target& target, Tap& tap, const Reports& reports)
      : around_(around), target_(target), tap_(tap), reports_(reports) {}

  /// The watch of the lookout is for this sink and number.
  Ending run(std::uint32_t sink, std::uint32_t number);

 private:
  using Kind = Ending::Kind;

  bool open();
  void deliver();
  void take(std::error_code end);
  void lose_reader();
  void leave();
  void write(std::span<const std::byte> bytes);
  bool wait_for_room();
  void wait_until_taken();
  void finish();
  void finish_command();
  void fail(const std::string& why);
  void fail(std::error_code error) { fail(error.message()); }
  int patience() const;

  const Surroundings& around_;
  Target& target_;
  Tap& tap_;
  const Reports& reports_;
  Descriptor fd_;
  std::optional<Command> command_;
  int out_ = -1;              // the descriptor of either
  std::size_t step_ = 0;      // how much one write may be given
  std::stop_source gone_;     // requested when nobody reads any more
  bool left_ = false;         // nobody does
  std::optional<Kind> kind_;  // decided
  Ending ending_;
};

}  // namespace asyncstream::tools::tee
