// SPDX-License-Identifier: Apache-2.0
//
// Performs one call, and checks what can be checked without the other calls.
#include "linearize/operate.hpp"

#include <optional>

namespace linearize {
namespace {

using csp::detail::CaseKind;
using csp::detail::Choice;
using csp::detail::QueuedCase;

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
  std::array<QueuedCase, Call::kMaxCases + 1> cases;
  for (std::size_t c = 0; c < call.count; ++c) {
    const Case& one = call.cases[c];
    cases[c].kind = one.sends ? CaseKind::send : CaseKind::receive;
    cases[c].channel = channels[one.channel].core();
    cases[c].value = &received[c];
    if (one.sends) cases[c].value = &values[c].emplace(one.value);
  }
  // A call without a limit has no case for it, since an operation of a single case takes its own
  // path.
  const std::size_t count = call.count + (patience == Patience::forever ? 0U : 1U);
  QueuedCase& limit = cases[call.count];
  if (patience == Patience::at_once) limit.kind = CaseKind::otherwise;
  if (patience == Patience::timed) limit.kind = CaseKind::time;
  if (patience == Patience::stoppable) limit.kind = CaseKind::stop;
  limit.due = deadline;
  limit.token = &stop;

  // A plain operation that is ready at the call beats its limit. In a select the limit is a case
  // like any other.
  const bool plain = call.count == 1;
  const std::size_t happened =
      csp::detail::perform({cases.data(), count}, plain ? Choice::in_order : Choice::uniform);
  std::string wrong;
  if (happened < call.count) {
    call.happened = static_cast<std::uint8_t>(happened);
    call.ended = cases[happened].outcome == csp::Outcome::ok ? Ended::ok : Ended::closed;
    if (received[happened]) call.received = received[happened]->number;
  } else {
    const bool unready = plain || patience == Patience::at_once;
    call.ended = unready ? Ended::not_ready : Ended::limited;
    if (happened != call.count || patience == Patience::forever) wrong = "an index of no case";
    if (patience == Patience::stoppable && !stop.stop_requested()) {
      wrong = "cancelled before stop was requested";
    }
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
