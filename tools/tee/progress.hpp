// SPDX-License-Identifier: Apache-2.0
//
// Progress: how far the source and each sink are, on stderr while it goes on, from a process of its
// own.
//
// Asked for, it shows from the start and ends with the final state; by default it waits a second
// first, so that what is quick stays silent. The rate is that of the time since the last drawing,
// the time left is reckoned from the average. While the source is held for the slowest sink, its
// line says for which.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "tee/feed.hpp"
#include "tee/outlet.hpp"
#include "tee/screen.hpp"

namespace asyncstream::tools::tee {

using Outlets = std::vector<std::unique_ptr<Outlet>>;

class Progress {
 public:
  /// What it is given must outlive it. `size`: the source's, where it is known.
  Progress(const Feed& feed, const Outlets& outlets, std::optional<std::size_t> size,
           bool asked_for);
  /// Shows the final state, if anything was shown or asked for.
  ~Progress();

  /// Says something else in between. Waits until it is said.
  void say(const std::string& text) const { (void)notes_.send(text); }

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void draw();
  std::string line(std::size_t index, const std::string& name, std::uint64_t position,
                   const std::string& note);
  std::string slowest() const;

  const Feed& feed_;
  const Outlets& outlets_;
  const std::optional<std::size_t> size_;
  const bool asked_for_;
  Screen screen_;
  bool shown_ = false;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
  std::chrono::duration<double> since_begin_{0};
  std::chrono::duration<double> since_last_{0};
  std::vector<std::uint64_t> positions_;  // at the last drawing: the source's, then the sinks'
  const csp::Channel<std::string> notes_ = csp::Channel<std::string>::make("notes");
  const csp::Channel<void> done_ = csp::Channel<void>::make("done");
  csp::Process process_;
};

}  // namespace asyncstream::tools::tee
