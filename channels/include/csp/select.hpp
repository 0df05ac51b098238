// SPDX-License-Identifier: Apache-2.0
//
// select: of several channel operations exactly one happens, at one moment on all the channels
// (C23, C24). Go's `select` statement, as a function over cases:
//
//   csp::select(
//       csp::on_receive(numbers, [](std::optional<int> n) { ... }),   // nullopt: closed
//       csp::on_send(results, value, [](csp::Outcome o) { ... }),      // ok, or closed (C33)
//       csp::after(10ms, [] { ... }),
//       csp::on_stop(token, [] { ... }));
//
// Among ready cases the choice is uniform (C30); select_in_order takes the first that is ready.
// `otherwise` happens when none is ready at once, `after` when none became ready in time, `on_stop`
// when stop was requested first; a ready channel beats all three. A nil channel, or when(false,
// case), disables its case (C21). With nothing enabled and none of the three, select blocks for
// ever (C22). Without a handler a case only makes itself known by its index; on_receive also takes
// a std::optional<T>& to receive into, written only if its case happens (C32).
//
// Handlers run after the operation, on the caller's thread, with no lock held: they may select
// again, block or throw; the operation stands (C34). Nothing is allocated (C55).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "csp/channel.hpp"
#include "csp/detail/cases.hpp"

namespace csp {

/// A case that receives. The handler is called with std::optional<T>: nullopt when the channel is
/// closed and drained. Or pass a std::optional<T>& to receive into.
template <detail::CanReceive H, class F = detail::Nothing>
auto on_receive(H&& channel, F&& handler = {}) {
  return detail::ReceiveCase<H, F>(std::forward<H>(channel), std::forward<F>(handler));
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

/// Go's default: happens if no channel is ready at once. At most one in a select.
template <class F = detail::Nothing>
auto otherwise(F&& handler = {}) {
  return detail::OtherwiseCase<F>(std::forward<F>(handler));
}

/// Happens if no channel became ready within the duration, counted from the select's begin.
template <class Rep, class Period, class F = detail::Nothing>
auto after(std::chrono::duration<Rep, Period> duration, F&& handler = {}) {
  return detail::AfterCase<std::chrono::duration<Rep, Period>, F>(duration,
                                                                  std::forward<F>(handler));
}

/// Happens if no channel became ready until the deadline.
template <class F = detail::Nothing>
auto until(Clock::time_point deadline, F&& handler = {}) {
  return detail::AfterCase<Clock::time_point, F>(deadline, std::forward<F>(handler));
}

/// Happens if stop is requested before a channel is ready. At most one in a select.
template <class F = detail::Nothing>
auto on_stop(std::stop_token token, F&& handler = {}) {
  return detail::StopCase<F>(std::move(token), std::forward<F>(handler));
}

/// The case, if the predicate (a bool, or something to call each round) is true; else disabled.
template <class P, class C>
auto when(P&& predicate, C inner) {
  return detail::WhenCase<P, C>(std::forward<P>(predicate), std::move(inner));
}

namespace detail {

template <class... Cases>
std::size_t select_once(Choice choice, Cases&... cases) {
  std::array<Waiter, sizeof...(Cases)> waiters;
  const Setup setup = detail::arm_all(waiters, cases...);
  const std::size_t happened = setup.index_of(perform(waiters, setup.patience, choice));
  detail::fire_one(happened, waiters, cases...);
  return happened;
}

}  // namespace detail

/// Blocks until exactly one case has happened, runs its handler, returns its index among the
/// arguments. Thread-safe.
template <class... Cases>
std::size_t select(Cases&&... cases) {
  return detail::select_once(detail::Choice::uniform, cases...);
}

/// The same, but of several ready cases the first in the list is taken.
template <class... Cases>
std::size_t select_in_order(Cases&&... cases) {
  return detail::select_once(detail::Choice::in_order, cases...);
}

/// Seeds the calling thread's choice among ready cases, so that a run can be repeated. Threads that
/// never call it draw different, fixed sequences.
void seed_select(std::uint64_t seed) noexcept;

}  // namespace csp
