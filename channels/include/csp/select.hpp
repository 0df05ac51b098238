// SPDX-License-Identifier: Apache-2.0
//
// select: of several channel operations exactly one happens, at one moment on all the channels
// (C23, C24). Go's `select` statement, as a function over cases:
//
//   csp::select(
//       csp::on_receive(numbers, [](int n) { ... }, [] { ... }),       // the second: closed
//       csp::on_send(results, value, [](csp::Outcome o) { ... }),      // ok, or closed (C33)
//       csp::after(10ms, [] { ... }),
//       csp::on_stop(token, [] { ... }));
//
// Among ready cases the choice is uniform (C30); select_in_order takes the first that is ready.
// Time and stop are cases like any other: `after` and `until` are ready when due, `on_stop` when
// stop is requested. `otherwise` happens when no other case is ready at once. A nil channel, or
// when(false, case), disables its case (C21). With nothing enabled, select blocks for ever (C22).
// Without a handler a case only makes itself known by its index.
//
// A case may refer to what it was made of, also to a temporary: it is used where it is made, as an
// argument of select or serve. A generic handler of on_receive (`auto`) is given the optional.
//
// Handlers run after the operation, on the caller's thread, with no lock held: they may select
// again, block or throw; the operation stands (C34). Nothing is allocated (C55).
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <vector>

#include "csp/channel.hpp"
#include "csp/detail/cases.hpp"

namespace csp {

/// A case that receives. The handler is called with T; when the channel is closed and drained,
/// `closed` is called instead, without an argument. Or the handler takes std::optional<T>, which is
/// nullopt then. Or pass a std::optional<T>& to receive into.
///
/// In a serve, a case that finds its channel closed and whose handler then says nothing (it returns
/// void, or there is none) is disabled from then on: it would be ready for ever.
template <detail::CanReceive H, class F = detail::Nothing, class G = detail::Nothing>
auto on_receive(H&& channel, F&& handler = {}, G&& closed = {}) {
  return detail::ReceiveCase<H, F, G>(std::forward<H>(channel), std::forward<F>(handler),
                                      std::forward<G>(closed));
}

/// A case that sends. An rvalue is moved from only if the case happens and is ok, and the case is
/// disabled from then on, so a serve sends it once; what is trivially copyable it sends each time.
/// An lvalue is copied when the select (each round of a serve) begins. A value of another type than
/// T is converted, without a warning that it is narrowed: an lvalue, or what is trivially copyable,
/// anew each round; any other rvalue now, and it is then moved from whatever happens. The handler
/// is called with ok or closed.
template <detail::CanSend H, class A, class F = detail::Nothing>
requires(!detail::CarriesTokens<H> ||
         std::same_as<std::remove_cvref_t<A>, Token>) auto on_send(H&& channel, A&& value,
                                                                   F&& handler = {}) {
  return detail::make_send_case<H>(std::forward<H>(channel), std::forward<A>(value),
                                   std::forward<F>(handler));
}
/// The same for a Channel<void>, which needs no value.
template <detail::CarriesTokens H, class F = detail::Nothing>
auto on_send(H&& channel, F&& handler = {}) {
  return detail::SendCase<H, Token, F>(std::forward<H>(channel), Token{}, std::forward<F>(handler));
}

/// Go's default: happens if no other case is ready at once. At most one in a select.
template <class F = detail::Nothing>
auto otherwise(F&& handler = {}) {
  return detail::OtherwiseCase<F>(std::forward<F>(handler));
}

/// Ready when the duration has passed, counted from the begin of the select, or of each round of a
/// serve; zero or less at once. (Go: `<-time.After(d)`.)
template <class Rep, class Period, class F = detail::Nothing>
auto after(std::chrono::duration<Rep, Period> duration, F&& handler = {}) {
  return detail::AfterCase<std::chrono::duration<Rep, Period>, F>(duration,
                                                                  std::forward<F>(handler));
}

/// Ready from the deadline on.
template <class F = detail::Nothing>
auto until(Clock::time_point deadline, F&& handler = {}) {
  return detail::AfterCase<Clock::time_point, F>(deadline, std::forward<F>(handler));
}

/// Ready when stop is requested. At most one in a select. (Go: `<-ctx.Done()`.)
template <class F = detail::Nothing>
auto on_stop(std::stop_token token, F&& handler = {}) {
  return detail::StopCase<F>(std::move(token), std::forward<F>(handler));
}

/// The case, if the predicate (a bool, or something to call each round) is true; else disabled.
template <class P, class C>
auto when(P&& predicate, C inner) {
  return detail::WhenCase<P, C>(std::forward<P>(predicate), std::move(inner));
}

/// Blocks until exactly one case has happened, runs its handler, returns its index among the
/// arguments. Thread-safe. (Go: `select { ... }`.)
template <class... Cases>
std::size_t select(Cases&&... cases) {
  return detail::run_round(detail::Choice::uniform, cases...).happened;
}

/// The same, but of several ready cases the first in the list is taken.
template <class... Cases>
std::size_t select_in_order(Cases&&... cases) {
  return detail::run_round(detail::Choice::in_order, cases...).happened;
}

/// What select_any received, or why nothing, and the index of the channel that it came from.
template <class T>
struct Selected : Received<T> {
  std::size_t index;
};

/// Receives from any of the channels, a list that is known at run time only: a std::vector, span or
/// array of handles that receive. Blocks until one is ready: ok or closed, at `index`; or until the
/// deadline or a stop request: timeout, cancelled. Nil handles are never ready. Allocates a case a
/// channel, and takes time with the square of their number: for hundreds, not for thousands.
/// Thread-safe. (Go: reflect.Select.)
template <std::ranges::forward_range R>
requires detail::CanReceive<std::ranges::range_reference_t<R>>
auto select_any(R&& channels, Clock::time_point deadline = kNever,
                const std::stop_token& token = {}) {
  using detail::CaseKind;
  using Value = typename std::remove_cvref_t<std::ranges::range_reference_t<R>>::Value;
  Selected<Value> selected{{Outcome::would_block, std::nullopt}, 0};
  std::vector<detail::QueuedCase> cases;
  for (const auto& channel : channels) {
    // One destination for all: only one case happens.
    cases.push_back(
        {{.kind = CaseKind::receive, .channel = channel.core(), .value = &selected.value}});
  }
  const std::size_t count = cases.size();
  cases.push_back({{.kind = CaseKind::stop, .token = &token}});
  cases.push_back({{.kind = CaseKind::time, .due = deadline}});
  selected.index = detail::perform(cases, detail::Choice::uniform);
  selected.outcome = selected.index < count    ? cases[selected.index].outcome
                     : selected.index == count ? Outcome::cancelled
                                               : Outcome::timeout;
  return selected;
}

/// Seeds the calling thread's choice among ready cases, so that a run can be repeated. Threads that
/// never call it draw different, fixed sequences.
void seed_select(std::uint64_t seed) noexcept;

}  // namespace csp
