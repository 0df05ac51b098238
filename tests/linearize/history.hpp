// SPDX-License-Identifier: Apache-2.0
//
// A history is what the threads of a test called on a few channels, what the calls returned, and
// the order in which calls and returns happened. check() decides whether the sequential
// specification explains it. The specification is all there is to know about a channel:
//
//   a bounded FIFO that can be closed; with capacity 0 a send and a receive happen together;
//   a select is one step on all of its channels: one ready case happens, or none was ready.
//
// A history is linearizable if each call that returned can be given one moment between its call and
// its return, so that the specification, applied in the order of these moments, gives the same
// results. A call that never returned must have had no effect, and must not be able to continue in
// the final state: otherwise a thread sleeps that could run.
//
// For a call that is known to wait in its channels' queues (`parked`), two more rules hold: while
// it waits there, no peer finds the channel not ready, and no later call of its kind overtakes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace linearize {

using Moment = std::uint64_t;  // any number that grows with time
inline constexpr Moment kNever = std::numeric_limits<Moment>::max();

struct Case {
  std::uint8_t channel = 0;
  bool sends = false;
  int value = 0;  // if the case sends
};

enum class Ended : std::uint8_t {
  pending,
  ok,
  closed,
  not_ready,  // would_block, timeout, cancelled: at some moment no case was ready
  limited,    // timeout or cancelled of a select: chosen among the ready cases
};

struct Call {
  static constexpr std::size_t kMaxCases = 3;
  std::uint8_t thread = 0;
  bool closes = false;  // closes cases[0]'s channel; otherwise an operation of one or more cases
  std::uint8_t count = 0;
  std::array<Case, kMaxCases> cases{};
  Ended ended = Ended::pending;
  std::uint8_t happened = 0;  // which case, if ok or closed
  int received = 0;           // if that case receives and is ok
  Moment called = 0;
  Moment parked = kNever;
  Moment returned = kNever;
};

struct History {
  std::vector<std::size_t> capacities;
  std::vector<Call> calls;  // at most 64
};

/// Empty if the history is linearizable, otherwise what is wrong with it.
std::string check(const History& history);

/// One line for each call, in the order of the calls, for people to read.
std::string to_text(const History& history);

}  // namespace linearize
