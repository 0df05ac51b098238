// SPDX-License-Identifier: Apache-2.0
//
// The cases of select and serve: private, though it must be installed; select.hpp makes them. A
// case is armed before each round, which fills its waiter for the untyped core, and fired if it is
// the one that happened, which calls its handler. Predicates and channel variables are looked at
// when it is armed, so a serve may flip its cases on and off.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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

// Called, as all that is handed something of the user's, by its full name: a function of that name
// in the user's own namespace would else be taken for it.
template <class F, class... Arguments>
Flow run_handler(F& handler, Arguments&&... arguments) {
  static_assert(std::invocable<F&, Arguments...>,
                "a handler of on_receive takes std::optional<T>, one of on_send csp::Outcome, "
                "others nothing; or on_receive is given a std::optional<T> to receive into");
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
  void arm(Case& mine, Setup&, std::size_t) {
    value_.reset();
    mine = {.channel = channel_.core(), .value = &value_, .sends = false};
  }
  Flow fire(Outcome) {
    if constexpr (std::same_as<F, std::optional<Value>&>) {
      handler_.reset();  // not assigned: elements need no assignment (C40)
      if (value_) handler_.emplace(std::move(*value_));
      return go_on;
    } else {
      return detail::run_handler(handler_, std::move(value_));
    }
  }

 private:
  H channel_;
  F handler_;
  std::optional<Value> value_;
};

// V: `T&&` for a caller's rvalue, moved from only if the case happens (C23); `T` where moving is
// copying, or an rvalue of another type had to be converted. A reference to an lvalue, or a value
// of another type that may be copied, is what `T` is made of at each arming.
template <class H, class V, class F>
class SendCase {
  using Value = typename std::remove_cvref_t<H>::Value;
  static constexpr bool kCopies = !std::is_rvalue_reference_v<V> && !std::same_as<V, Value>;
  // What was moved from is not sent again.
  static constexpr bool kOnce =
      !kCopies && !(std::same_as<V, Value> && std::is_trivially_copyable_v<V>);

 public:
  static constexpr bool kRefersToRvalue = std::is_rvalue_reference_v<V>;
  SendCase(H&& channel, V&& value, F&& handler)
      : channel_(std::forward<H>(channel)),
        value_(std::forward<V>(value)),
        handler_(std::forward<F>(handler)) {}
  void arm(Case& mine, Setup&, std::size_t) {
    void* value = nullptr;
    if constexpr (kCopies) {
      value = std::addressof(copy_.emplace(value_));
    } else {
      value = std::addressof(value_);
    }
    mine = {.channel = sent_ ? nullptr : channel_.core(), .value = value, .sends = true};
  }
  Flow fire(Outcome outcome) {
    sent_ = kOnce && outcome == Outcome::ok;
    return detail::run_handler(handler_, outcome);
  }

 private:
  H channel_;
  V value_;
  F handler_;
  bool sent_ = false;  // once is all, and that was it
  [[no_unique_address]] std::conditional_t<kCopies, std::optional<Value>, Nothing> copy_;
};

template <class F>
class OtherwiseCase {
 public:
  static constexpr bool kIsOtherwise = true;
  explicit OtherwiseCase(F&& handler) : handler_(std::forward<F>(handler)) {}
  void arm(Case& mine, Setup& setup, std::size_t index) {
    mine = {};
    setup.patience.deadline = kAtOnce;
    setup.on_timeout = index;
  }
  Flow fire(Outcome) { return detail::run_handler(handler_); }

 private:
  F handler_;
};

// When: a duration, counted from each round's begin, or a point of the steady clock.
template <class When, class F>
class AfterCase {
 public:
  static constexpr bool kIsTimer = true;
  AfterCase(When when, F&& handler) : when_(when), handler_(std::forward<F>(handler)) {}
  void arm(Case& mine, Setup& setup, std::size_t index) {
    mine = {};
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
  Flow fire(Outcome) { return detail::run_handler(handler_); }

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
  void arm(Case& mine, Setup& setup, std::size_t index) {
    mine = {};
    setup.patience.stop = &token_;
    setup.on_stop = index;
  }
  Flow fire(Outcome) { return detail::run_handler(handler_); }
  const std::stop_token& token() const { return token_; }

 private:
  std::stop_token token_;
  F handler_;
};

template <class P, class C>
class WhenCase : public C {
 public:
  WhenCase(P&& predicate, C&& inner)
      : C(std::move(inner)), predicate_(std::forward<P>(predicate)) {}
  void arm(Case& mine, Setup& setup, std::size_t index) {
    bool enabled = false;
    if constexpr (std::invocable<P&>) {
      enabled = std::invoke(predicate_);
    } else {
      enabled = static_cast<bool>(predicate_);
    }
    if (enabled) {
      C::arm(mine, setup, index);
    } else {
      mine = {};
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
template <class C>
concept Timer = requires {
  C::kIsTimer;
};
template <class C>
concept RefersToRvalue = C::kRefersToRvalue;

template <class H, class A>
auto make_send_case(H&& channel, A&& value, auto&& handler) {
  using Value = typename std::remove_cvref_t<H>::Value;
  using F = decltype(handler);
  using Handler = std::conditional_t<std::is_lvalue_reference_v<F>, F, std::remove_cvref_t<F>>;
  if constexpr (std::same_as<std::remove_cvref_t<A>, Value>) {
    // A number is as well kept by value: moved is copied, and a case may then be handed around.
    using Rvalue = std::conditional_t<std::is_trivially_copyable_v<Value>, Value, Value&&>;
    constexpr bool kCopied = std::is_lvalue_reference_v<A> || std::is_const_v<A>;
    using V = std::conditional_t<kCopied, const Value&, Rvalue>;
    static_assert(!kCopied || std::copy_constructible<Value>,
                  "on_send: this value cannot be copied; pass it with std::move");
    return SendCase<H, V, Handler>(std::forward<H>(channel), static_cast<V&&>(value),
                                   std::forward<F>(handler));
  } else {
    // As of send(). An explicit conversion, such as a pointer's to who owns it, is not ours to
    // repeat.
    static_assert(std::convertible_to<A, Value>,
                  "on_send: this is no value of the channel's type, nor converts to one");
    using Copied = std::conditional_t<std::is_trivially_copyable_v<A>, A, Value>;
    using V = std::conditional_t<std::is_lvalue_reference_v<A>, A, Copied>;
    return SendCase<H, V, Handler>(std::forward<H>(channel), V(std::forward<A>(value)),
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

template <class C>
concept IsCase = requires(C& c, Case& mine, Setup& setup, std::size_t index) {
  c.arm(mine, setup, index);
  c.fire(Outcome::ok);
};

/// A round's begin: all cases are armed, in the order in which they stand.
template <class... Cases>
Setup arm_all([[maybe_unused]] auto& armed, Cases&... cases) {
  static_assert((IsCase<Cases> && ...),
                "select and serve take cases, such as csp::on_receive(...)");
  static_assert((std::size_t{Otherwise<Cases>} + ... + 0) <= 1, "select: otherwise stands twice");
  static_assert((std::size_t{Stop<Cases>} + ... + 0) <= 1, "select: on_stop stands twice");
  Setup setup;
  std::size_t index = 0;
  ((cases.arm(armed[index], setup, index), ++index), ...);
  return setup;
}

/// A round's end: the handler of the case that happened.
template <class... Cases>
Flow fire_one([[maybe_unused]] std::size_t happened,
              [[maybe_unused]] std::span<const Waiter> waiters, Cases&... cases) {
  Flow flow = go_on;
  std::size_t index = 0;
  ((index++ == happened ? void(flow = cases.fire(waiters[index - 1].outcome)) : void()), ...);
  return flow;
}

}  // namespace detail
}  // namespace csp
