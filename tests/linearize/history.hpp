// SPDX-License-Identifier: Apache-2.0
//
// A history: what the threads of a test called on a few channels, what they got, and the order in
// which calls and returns happened. check() asks whether it can be explained by the sequential
// specification, which is all there is to know about a channel:
//
//   a bounded FIFO that can be closed; of capacity 0, where a send and a receive happen together;
//   a select is one step on all of its channels: one ready case happens, or none was ready.
//
// A history is linearizable if every call that returned can be given one moment between its call
// and its return, such that in the order of these moments the specification gives just the results
// that were got. Calls that never returned have had no effect, and must not be able to go on in the
// state that is left: else somebody sleeps who could run.
//
// Where it is known that a call waits in its channels' queues (`parked`), two more things must be:
// nobody finds its peer's channel not ready while it waits there, and later calls of its kind do
// not overtake it.
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
  int value = 0;  // if it sends
};

enum class Ended : std::uint8_t {
  pending,
  ok,
  closed,
  not_ready,  // would_block, timeout, cancelled: at some moment no case was ready
  limited,    // timeout or cancelled of a select: chosen among the cases that were ready
};

struct Call {
  static constexpr std::size_t kMaxCases = 3;
  std::uint8_t thread = 0;
  bool closes = false;  // close of cases[0]'s channel, else an operation of one or more cases
  std::uint8_t count = 0;
  std::array<Case, kMaxCases> cases{};
  Ended ended = Ended::pending;
  std::uint8_t happened = 0;  // which case, for ok and closed
  int received = 0;           // if that case receives, for ok
  Moment called = 0;
  Moment parked = kNever;
  Moment returned = kNever;
};

struct History {
  std::vector<std::size_t> capacities;
  std::vector<Call> calls;  // at most 64
};

/// Empty if the history is linearizable, else what is wrong with it.
std::string check(const History& history);

/// One line a call, in order of the calls, for people.
std::string to_text(const History& history);

}  // namespace linearize
