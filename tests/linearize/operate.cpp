// SPDX-License-Identifier: Apache-2.0
//
// One call, and what can be said about it without knowing the others.
#include "linearize/operate.hpp"

#include <optional>

namespace linearize {
namespace {

using csp::detail::Waiter;

const char* check_ending(std::size_t happened, Patience patience, const std::stop_token& stop) {
  const bool in_time = patience == Patience::at_once || patience == Patience::timed;
  if (happened == csp::detail::kTimedOut) return in_time ? "" : "timed out without a deadline";
  if (happened != csp::detail::kStopped) return "an index that no case has";
  if (patience != Patience::stoppable) return "cancelled without a stop token";
  return stop.stop_requested() ? "" : "cancelled before stop was requested";
}

const char* check_value(const Item& value, bool moved) {
  if (moved) return value.number == Item::kMovedFrom ? "" : "a sent value was not moved";
  return value.number >= 0 ? "" : "a value was moved and not sent";
}

}  // namespace

std::string operate(Call& call, Patience patience, csp::Clock::time_point deadline,
                    const Channels& channels, const std::stop_token& stop) {
  if (call.closes) {
    const csp::Outcome outcome = channels[call.cases[0].channel].close();
    call.ended = outcome == csp::Outcome::ok ? Ended::ok : Ended::closed;
    return {};
  }
  std::array<std::optional<Item>, Call::kMaxCases> values;
  std::array<std::optional<Item>, Call::kMaxCases> received;
  std::array<Waiter, Call::kMaxCases> waiters;
  for (std::size_t c = 0; c < call.count; ++c) {
    const Case& one = call.cases[c];
    waiters[c].channel = channels[one.channel].core();
    waiters[c].sends = one.sends;
    waiters[c].value = &received[c];
    if (one.sends) waiters[c].value = &values[c].emplace(one.value);
  }
  csp::detail::Patience how;
  if (patience == Patience::at_once) how.deadline = csp::kAtOnce;
  if (patience == Patience::timed) how.deadline = deadline;
  if (patience == Patience::stoppable) how.stop = &stop;

  const std::size_t happened =
      csp::detail::perform({waiters.data(), call.count}, how, csp::detail::Choice::uniform);
  std::string wrong;
  if (happened < call.count) {
    call.happened = static_cast<std::uint8_t>(happened);
    call.ended = waiters[happened].outcome == csp::Outcome::ok ? Ended::ok : Ended::closed;
    if (received[happened]) call.received = received[happened]->number;
  } else {
    call.ended = Ended::not_ready;
    wrong = check_ending(happened, patience, stop);
  }
  for (std::size_t c = 0; c < call.count && wrong.empty(); ++c) {
    const bool moved = c == happened && call.ended == Ended::ok;
    if (call.cases[c].sends) {
      wrong = check_value(*values[c], moved);
    } else if (received[c].has_value() != moved) {
      wrong = moved ? "ok, and nothing received" : "received by a case that did not happen";
    }
  }
  return wrong;
}

}  // namespace linearize
