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

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "csp/channel.hpp"

namespace csp {

/// What a handler may tell serve(); one that returns nothing says go_on.
enum class Flow { go_on, stop };
inline constexpr Flow go_on = Flow::go_on;
inline constexpr Flow stop = Flow::stop;

namespace detail {

struct Nothing {
  template <class... Arguments>
  void operator()(Arguments&&...) const {}
};

/// What a select is set up with: one waiter a case, and the three cases that are not channels.
struct Setup {
  Patience patience;
  std::size_t on_timeout = kTimedOut;
  std::size_t on_stop = kStopped;
};

template <class F, class... Arguments>
Flow call(F& handler, Arguments&&... arguments) {
  if constexpr (std::same_as<std::invoke_result_t<F&, Arguments...>, Flow>) {
    return std::invoke(handler, std::forward<Arguments>(arguments)...);
  } else {
    static_assert(std::is_void_v<std::invoke_result_t<F&, Arguments...>>,
                  "a handler returns nothing, or csp::go_on or csp::stop");
    std::invoke(handler, std::forward<Arguments>(arguments)...);
    return go_on;
  }
}

// A case is armed before each round and fired if it happened. H is the handle's type: a reference
// for an lvalue, so that assigning nil to the caller's variable disables the case from then on.
template <class H, class F>
class ReceiveCase {
  using Value = typename std::remove_cvref_t<H>::Value;

 public:
  ReceiveCase(H&& channel, F&& handler)
      : channel_(std::forward<H>(channel)), handler_(std::forward<F>(handler)) {}
  void arm(Waiter& waiter, Setup&, std::size_t) {
    value_.reset();
    waiter = {.channel = channel_.core(), .value = &value_, .sends = false};
  }
  Flow fire(Outcome) {
    if constexpr (std::same_as<F, std::optional<Value>&>) {
      handler_.reset();  // not assigned: elements need no assignment (C40)
      if (value_) handler_.emplace(std::move(*value_));
      return go_on;
    } else {
      return call(handler_, std::move(value_));
    }
  }

 private:
  H channel_;
  F handler_;
  std::optional<Value> value_;
};

// V: `T&&` for a caller's rvalue, moved from only if the case happens (C23); `const T&` for an
// lvalue, copied at each arming; `T` where the argument had to be converted.
template <class H, class V, class F>
class SendCase {
  using Value = typename std::remove_cvref_t<H>::Value;
  static constexpr bool kCopies = std::same_as<V, const Value&>;

 public:
  SendCase(H&& channel, V&& value, F&& handler)
      : channel_(std::forward<H>(channel)),
        value_(std::forward<V>(value)),
        handler_(std::forward<F>(handler)) {}
  void arm(Waiter& waiter, Setup&, std::size_t) {
    void* value = nullptr;
    if constexpr (kCopies) {
      value = &copy_.emplace(value_);
    } else {
      value = &value_;
    }
    waiter = {.channel = channel_.core(), .value = value, .sends = true};
  }
  Flow fire(Outcome outcome) { return call(handler_, outcome); }

 private:
  H channel_;
  V value_;
  F handler_;
  [[no_unique_address]] std::conditional_t<kCopies, std::optional<Value>, Nothing> copy_;
};

template <class F>
class OtherwiseCase {
 public:
  static constexpr bool kIsOtherwise = true;
  explicit OtherwiseCase(F&& handler) : handler_(std::forward<F>(handler)) {}
  void arm(Waiter& waiter, Setup& setup, std::size_t index) {
    waiter = {};
    setup.patience.deadline = kAtOnce;
    setup.on_timeout = index;
  }
  Flow fire(Outcome) { return call(handler_); }

 private:
  F handler_;
};

// When: a duration, counted from each round's begin, or a point of the steady clock.
template <class When, class F>
class AfterCase {
 public:
  AfterCase(When when, F&& handler) : when_(when), handler_(std::forward<F>(handler)) {}
  void arm(Waiter& waiter, Setup& setup, std::size_t index) {
    waiter = {};
    Clock::time_point deadline;
    if constexpr (std::same_as<When, Clock::time_point>) {
      deadline = when_;
    } else {
      deadline = deadline_after(when_);
    }
    if (deadline < setup.patience.deadline) {
      setup.patience.deadline = deadline;
      setup.on_timeout = index;
    }
  }
  Flow fire(Outcome) { return call(handler_); }

 private:
  When when_;
  F handler_;
};

template <class F>
class StopCase {
 public:
  static constexpr bool kIsStop = true;
  StopCase(std::stop_token token, F&& handler)
      : token_(std::move(token)), handler_(std::forward<F>(handler)) {}
  void arm(Waiter& waiter, Setup& setup, std::size_t index) {
    waiter = {};
    setup.patience.stop = &token_;
    setup.on_stop = index;
  }
  Flow fire(Outcome) { return call(handler_); }

 private:
  std::stop_token token_;
  F handler_;
};

template <class P, class C>
class WhenCase : public C {
 public:
  WhenCase(P&& predicate, C&& inner)
      : C(std::move(inner)), predicate_(std::forward<P>(predicate)) {}
  void arm(Waiter& waiter, Setup& setup, std::size_t index) {
    bool enabled = false;
    if constexpr (std::invocable<P&>) {
      enabled = std::invoke(predicate_);
    } else {
      enabled = static_cast<bool>(predicate_);
    }
    if (enabled) {
      C::arm(waiter, setup, index);
    } else {
      waiter = {};
    }
  }

 private:
  P predicate_;
};

template <class C>
concept Otherwise = requires {
  C::kIsOtherwise;
};
template <class C>
concept Stop = requires {
  C::kIsStop;
};

struct Happened {
  std::size_t index;
  Flow flow;
};

template <class... Cases>
Happened select_once(Choice choice, Cases&... cases) {
  static_assert((std::size_t{Otherwise<Cases>} + ... + 0) <= 1, "select: otherwise stands twice");
  static_assert((std::size_t{Stop<Cases>} + ... + 0) <= 1, "select: on_stop stands twice");
  std::array<Waiter, sizeof...(Cases)> waiters;
  Setup setup;
  std::size_t index = 0;
  ((cases.arm(waiters[index], setup, index), ++index), ...);

  std::size_t happened = perform(waiters, setup.patience, choice);
  if (happened == kTimedOut) happened = setup.on_timeout;
  if (happened == kStopped) happened = setup.on_stop;

  Flow flow = go_on;
  index = 0;
  ((index++ == happened ? void(flow = cases.fire(waiters[index - 1].outcome)) : void()), ...);
  return {happened, flow};
}

template <class H, class A>
auto make_send_case(H&& channel, A&& value, auto&& handler) {
  using Value = typename std::remove_cvref_t<H>::Value;
  using F = decltype(handler);
  using Handler = std::conditional_t<std::is_lvalue_reference_v<F>, F, std::remove_cvref_t<F>>;
  if constexpr (std::same_as<std::remove_cvref_t<A>, Value>) {
    using V = std::conditional_t<std::is_lvalue_reference_v<A>, const Value&, Value&&>;
    static_assert(!std::is_lvalue_reference_v<A> || std::copy_constructible<Value>,
                  "on_send: this value cannot be copied; pass it with std::move");
    return SendCase<H, V, Handler>(std::forward<H>(channel), static_cast<V>(value),
                                   std::forward<F>(handler));
  } else {
    return SendCase<H, Value, Handler>(std::forward<H>(channel), Value(std::forward<A>(value)),
                                       std::forward<F>(handler));
  }
}

// Which way a handle goes (C50): cases are built on its core, so nothing else would ask.
template <class H>
concept CanSend = requires(const std::remove_cvref_t<H>& handle,
                           typename std::remove_cvref_t<H>::Value value) {
  handle.try_send(std::move(value));
};
template <class H>
concept CanReceive = requires(const std::remove_cvref_t<H>& handle) {
  handle.try_receive();
};
template <class H>
concept CarriesTokens = CanSend<H> && std::same_as<typename std::remove_cvref_t<H>::Value, Token>;

}  // namespace detail

/// A case that receives. The handler is called with std::optional<T>: nullopt when the channel is
/// closed and drained. Or pass a std::optional<T>& to receive into.
template <detail::CanReceive H, class F = detail::Nothing>
auto on_receive(H&& channel, F&& handler = {}) {
  return detail::ReceiveCase<H, F>(std::forward<H>(channel), std::forward<F>(handler));
}

/// A case that sends. An rvalue is moved from only if the case happens and is ok; an lvalue is
/// copied when the select (each round of a serve) begins. The handler is called with ok or closed.
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

/// Blocks until exactly one case has happened, runs its handler, returns its index among the
/// arguments. Thread-safe.
template <class... Cases>
std::size_t select(Cases&&... cases) {
  return detail::select_once(detail::Choice::uniform, cases...).index;
}

/// The same, but of several ready cases the first in the list is taken.
template <class... Cases>
std::size_t select_in_order(Cases&&... cases) {
  return detail::select_once(detail::Choice::in_order, cases...).index;
}

/// A process's body: select again and again, until a handler returns csp::stop (or throws).
/// Predicates and channel variables are looked at anew each round.
template <class... Cases>
void serve(Cases&&... cases) {
  while (detail::select_once(detail::Choice::uniform, cases...).flow == go_on) {
  }
}

/// Seeds the calling thread's choice among ready cases, so that a run can be repeated. Threads that
/// never call it draw different, fixed sequences.
void seed_select(std::uint64_t seed) noexcept;

}  // namespace csp
