// SPDX-License-Identifier: Apache-2.0
//
// Progress: how far the source and each sink are, on stderr while it goes on, from a process of its
// own. On a terminal the lines are drawn over the ones before, elsewhere they follow them.
//
// Asked for, it shows from the start and ends with the final state; by default it waits a second
// first, so that what is quick stays silent. The rate is that of the time since the last drawing,
// the time left is reckoned from the average.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asyncstream/async_stream.hpp"
#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "tee/outlet.hpp"

namespace asyncstream::tools::tee {

class Progress {
 public:
  using Outlets = std::vector<std::unique_ptr<Outlet>>;

  /// What it is given must outlive it. `size`: the source's, where it is known.
  Progress(const AsyncStream& stream, const Outlets& outlets, std::optional<std::size_t> size,
           bool asked_for);
  /// Shows the final state, if anything was shown or asked for.
  ~Progress();

 private:
  using Clock = std::chrono::steady_clock;

  void run();
  void draw();
  std::string line(std::size_t index, const std::string& name, std::uint64_t position,
                   std::chrono::duration<double> since_begin,
                   std::chrono::duration<double> since_last);

  const AsyncStream& stream_;
  const Outlets& outlets_;
  const std::optional<std::size_t> size_;
  const bool asked_for_;
  const bool terminal_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
  std::vector<std::uint64_t> positions_;  // at the last drawing: the source's, then the sinks'
  std::size_t drawn_ = 0;                 // lines
  const csp::Channel<void> done_ = csp::Channel<void>::make("done");
  csp::Process process_;
};

}  // namespace asyncstream::tools::tee
