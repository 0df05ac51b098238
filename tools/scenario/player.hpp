// SPDX-License-Identifier: Apache-2.0
//
// Plays a scenario on a real AsyncStream and records its canonical trace. Without a trace, only the
// results of calls are recorded: an untraced stream answers some reads without a message, and those
// must also be compared with the reference.
//
// Each reader, and the stream, is called by its own process ("reader3", "stream"), which gets its
// calls over a private channel. A step is over when the CSP layer reports that every process is
// asleep and no message is on its way (csp::wait_until_idle). No sleep orders anything.
#pragma once

#include <chrono>
#include <stdexcept>

#include "asyncstream/options.hpp"
#include "scenario/scenario.hpp"

namespace asyncstream::tools {

/// A step did not do what a scenario's steps must: it blocked, never came to rest, or awaited a
/// call that did not return. The message names the scenario and step and ends in the table of what
/// waits.
struct StuckStep : std::runtime_error {
  using std::runtime_error::runtime_error;
  bool ended = true;  // false: a call does not return, and no other scenario can be played
};

struct Playing {
  std::chrono::milliseconds limit{10'000};  // for one step
  Reads reads = Reads::posted;
  bool traced = true;
};

/// The canonical trace; if not `traced`, only its "return" events. Throws StuckStep. Only one
/// scenario can be played at a time in a program, because rest is a property of all its processes.
Trace play(const Scenario& scenario, const Playing& playing);

}  // namespace asyncstream::tools
