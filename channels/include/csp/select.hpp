// SPDX-License-Identifier: Apache-2.0
//
// select: makes exactly one of several channel operations happen, at one moment on all the channels
// (C23, C24). It is Go's `select` statement, as a function over cases:
//
//   csp::select(
//       csp::on_receive(numbers, [](int n) { ... }, [] { ... }),       // the second: closed
//       csp::on_send(results, value, [](csp::Outcome o) { ... }),      // ok, or closed (C33)
//       csp::after(10ms, [] { ... }),
//       csp::on_stop(token, [] { ... }));
//
// The choice among ready cases is uniform (C30); select_in_order takes the first one that is ready.
// Time and stop are cases like any other: `after` and `until` are ready when due, `on_stop` when
// stop is requested. `otherwise` happens if no other case is ready at the call. A nil channel, or
// when(false, case), disables its case (C21). If no case is enabled, select blocks for ever (C22).
// A handler is optional: select returns the index of the case that happened.
//
// A case may refer to its arguments, even to temporaries, so create it in the argument list of
// select or serve and do not store it. A generic handler of on_receive (`auto`) gets the optional.
//
// Handlers run after the operation, on the caller's thread, with no lock held. They may select
// again, block or throw; the operation has happened all the same (C34). Nothing is allocated (C55).
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

/// A case that receives. The handler is called with the T received; if the channel is closed and
/// drained, `closed` is called instead, without arguments. Alternatively the handler takes
/// std::optional<T>, which is nullopt in that case, or a std::optional<T>& is passed to receive
/// into.
///
/// In a serve, a case that finds its channel closed is disabled from then on, since it would always
/// be ready, unless the handler called then returns csp::Flow.
template <detail::CanReceive H, class F = detail::Nothing, class G = detail::Nothing>
auto on_receive(H&& channel, F&& handler = {}, G&& closed = {}) {
  return detail::ReceiveCase<H, F, G>(std::forward<H>(channel), std::forward<F>(handler),
                                      std::forward<G>(closed));
}

/// A case that sends. The handler is called with ok or closed. In a serve, a case that finds its
/// channel closed is disabled as for on_receive.
///
/// An lvalue is copied when the select begins, in a serve in each round. An rvalue is moved from
/// only if the case happens and is ok; the case is then disabled, so a serve sends it once. A
/// trivially copyable rvalue is sent each time. A value of another type is converted to T, without
/// a narrowing warning: an lvalue or a trivially copyable value anew in each round, any other
/// rvalue once, now, so it is moved from whatever happens.
template <detail::CanSend H, class A, class F = detail::Nothing>
requires(!detail::CarriesTokens<H> ||
         std::same_as<std::remove_cvref_t<A>, Token>) auto on_send(H&& channel, A&& value,
                                                                   F&& handler = {}) {
  return detail::make_send_case<H>(std::forward<H>(channel), std::forward<A>(value),
                                   std::forward<F>(handler));
}
/// A case that sends on a Channel<void>, which needs no value.
template <detail::CarriesTokens H, class F = detail::Nothing>
auto on_send(H&& channel, F&& handler = {}) {
  return detail::SendCase<H, Token, F>(std::forward<H>(channel), Token{}, std::forward<F>(handler));
}

/// Go's `default`: happens if no other case is ready at the call. At most one in a select.
template <class F = detail::Nothing>
auto otherwise(F&& handler = {}) {
  return detail::make_plain_case<detail::CaseKind::otherwise>([] { return detail::CaseSpec{}; },
                                                              std::forward<F>(handler));
}

/// Ready when the duration has passed since the select began, in a serve since the round began;
/// zero or less is ready at once. (Go: `<-time.After(d)`.)
template <class Rep, class Period, class F = detail::Nothing>
auto after(std::chrono::duration<Rep, Period> duration, F&& handler = {}) {
  return detail::make_plain_case<detail::CaseKind::time>(
      [duration] { return detail::CaseSpec{.due = deadline_after(duration)}; },
      std::forward<F>(handler));
}

/// Ready from this point of the steady clock on.
template <class F = detail::Nothing>
auto until(Clock::time_point deadline, F&& handler = {}) {
  return detail::make_plain_case<detail::CaseKind::time>(
      [deadline] { return detail::CaseSpec{.due = deadline}; }, std::forward<F>(handler));
}

/// Ready when stop is requested. At most one in a select. (Go: `<-ctx.Done()`.)
template <class F = detail::Nothing>
auto on_stop(std::stop_token token, F&& handler = {}) {
  return detail::make_plain_case<detail::CaseKind::stop>(
      [token = std::move(token)] { return detail::CaseSpec{.token = &token}; },
      std::forward<F>(handler));
}

/// The case if the predicate is true, otherwise a disabled case. The predicate is a bool (a
/// variable is read in each round) or a function that is called in each round.
template <class P, class C>
auto when(P&& predicate, C inner) {
  return detail::WhenCase<P, C>(std::forward<P>(predicate), std::move(inner));
}

/// Blocks until exactly one case has happened, runs its handler, and returns the case's index among
/// the arguments. What the handler throws passes through. Thread-safe. (Go: `select { ... }`.)
template <class... Cases>
std::size_t select(Cases&&... cases) {
  return detail::run_round(detail::Choice::uniform, cases...).happened;
}

/// Like select, but takes the first in the list of several ready cases.
template <class... Cases>
std::size_t select_in_order(Cases&&... cases) {
  return detail::run_round(detail::Choice::in_order, cases...).happened;
}

/// What select_any received, or why it received nothing, and the index of the channel.
template <class T>
struct Selected : Received<T> {
  std::size_t index;  // beyond the last channel on timeout and cancelled
};

/// Receives from any of a list of channels that is known only at run time: a std::vector, span or
/// array of handles. Blocks until a channel is ready (ok or closed, at `index`), the deadline
/// passes (timeout) or stop is requested (cancelled). Nil handles are never ready. Allocates one
/// case per channel; throws std::bad_alloc. Its time grows with the square of the number of
/// channels, so use it for hundreds, not for thousands. Thread-safe. (Go: reflect.Select.)
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
/// never call this draw different, fixed sequences. Thread-safe.
void seed_select(std::uint64_t seed) noexcept;

}  // namespace csp
