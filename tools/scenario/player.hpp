// SPDX-License-Identifier: Apache-2.0
//
// Plays a scenario on a real AsyncStream and records the canonical trace of it. Without a trace,
// only what the calls return is recorded: a stream that nobody traces may take shorter ways, and
// those are to be held against the reference too.
//
// Each reader, and the stream, is called by a process of its own ("reader3", "stream"), which gets
// its calls over a private channel. A step is over when the CSP layer says that every process is
// asleep and nothing is on its way (csp::wait_until_idle); nothing is slept for.
#pragma once

#include <chrono>
#include <stdexcept>

#include "asyncstream/options.hpp"
#include "scenario/scenario.hpp"

namespace asyncstream::tools {

/// A step did not do what a scenario's steps must: it blocked, or never came to rest, or awaited
/// what did not return. The message names the scenario and step and ends in the table of who waits.
struct StuckStep : std::runtime_error {
  using std::runtime_error::runtime_error;
  bool ended = true;  // false: a call does not return even so, and no other scenario can be played
};

struct Playing {
  std::chrono::milliseconds limit{10'000};  // that one step may take
  Reads reads = Reads::posted;
  bool traced = true;
};

/// The canonical trace; if not `traced`, the events "return" of it. Throws StuckStep. One scenario
/// at a time in a program: rest is a property of all its processes.
Trace play(const Scenario& scenario, const Playing& playing);

}  // namespace asyncstream::tools
