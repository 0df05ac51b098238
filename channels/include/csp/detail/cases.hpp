// SPDX-License-Identifier: Apache-2.0
//
// The cases of select and serve: private, though installed; select.hpp makes them. A case is armed
// before each round, which states what it asks for, and fired if it is the one that happened.
// Arming evaluates predicates and channel variables.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "csp/channel.hpp"

namespace csp {

/// What a handler may return to serve(): continue or stop. Returning nothing means go_on.
enum class Flow { go_on, stop };
inline constexpr Flow go_on = Flow::go_on;
inline constexpr Flow stop = Flow::stop;

namespace detail {

struct Nothing {
  template <class... Arguments>
  void operator()(Arguments&&...) const {}
};

// Called by its qualified name, like every function that is given a user's object: otherwise
// argument-dependent lookup could choose a function of the user's namespace.
template <class F, class... Arguments>
Flow run_handler(F& handler, Arguments&&... arguments) {
  static_assert(std::invocable<F&, Arguments...>,
                "a handler of on_receive takes T or std::optional<T>, one of on_send "
                "csp::Outcome, others nothing; or on_receive is given a std::optional<T> to "
                "receive into");
  using Result = std::invoke_result_t<F&, Arguments...>;
  if constexpr (std::same_as<Result, Flow>) {
    return std::invoke(handler, std::forward<Arguments>(arguments)...);
  } else {
    static_assert(std::is_void_v<Result>, "a handler returns nothing, or csp::go_on or csp::stop");
    std::invoke(handler, std::forward<Arguments>(arguments)...);
    return go_on;
  }
}

/// Whether a handler returns what a serve is to do next.
template <class F, class... Arguments>
inline constexpr bool kSaysFlow = std::is_same_v<std::invoke_result_t<F&, Arguments...>, Flow>;

/// The channel of a case. H is the handle's type: a reference for an lvalue, so that assigning nil
/// to the caller's variable disables the case. A channel found closed is not asked again, unless
/// the handler returns a Flow. Keeping its handle ensures that no new channel has its address.
template <class H>
class CaseChannel {
 public:
  explicit CaseChannel(H&& channel) : channel_(std::forward<H>(channel)) {}
  Core* core() const {
    return channel_.core() && channel_.core() == ended_.core() ? nullptr : channel_.core();
  }
  void end() { ended_ = channel_; }

 private:
  H channel_;
  Handle ended_;
};

// F takes std::optional<T>; or F takes T or is a std::optional<T>&, and G is called when closed.
template <class H, class F, class G>
class ReceiveCase {
  using Value = typename std::remove_cvref_t<H>::Value;
  static constexpr bool kInto = std::same_as<F, std::optional<Value>&>;
  // A T that is constructible from anything, such as std::any, would accept an optional as a T.
  static constexpr bool kTakesOptional =
      std::same_as<G, Nothing> && std::invocable<F&, std::optional<Value>> &&
      !(std::convertible_to<std::optional<Value>, Value> && std::invocable<F&, Value>);

 public:
  ReceiveCase(H&& channel, F&& handler, G&& closed)
      : channel_(std::forward<H>(channel)),
        handler_(std::forward<F>(handler)),
        closed_(std::forward<G>(closed)) {}
  CaseSpec arm() {
    value_.reset();
    return {.kind = CaseKind::receive, .channel = channel_.core(), .value = &value_};
  }
  Flow fire(Outcome) {
    const AtEnd reset{value_};
    if constexpr (kTakesOptional) {
      if (!value_ && !kSaysFlow<F, std::optional<Value>>) channel_.end();
      return detail::run_handler(handler_, std::move(value_));
    } else {
      if constexpr (kInto) handler_.reset();  // not assigned: elements need no assignment (C40)
      if (!value_) {
        if (!kSaysFlow<G>) channel_.end();
        return detail::run_handler(closed_);
      }
      if constexpr (kInto)
        return handler_.emplace(std::move(*value_)), go_on;
      else
        return detail::run_handler(handler_, std::move(*value_));
    }
  }

 private:
  // Destroys the value when its handler returns, not when the case is next armed.
  struct AtEnd {
    std::optional<Value>& value;
    ~AtEnd() { value.reset(); }
  };

  CaseChannel<H> channel_;
  F handler_;
  [[no_unique_address]] G closed_;
  std::optional<Value> value_;
};

// V is `T&&` for a caller's rvalue, moved from only if the case happens (C23). It is `T` where
// moving is copying, or where an rvalue of another type was converted. Otherwise it is a reference
// to an lvalue, or a copyable value of another type, from which `T` is made at each arming.
template <class H, class V, class F>
class SendCase {
  using Value = typename std::remove_cvref_t<H>::Value;
  static constexpr bool kCopies = !std::is_rvalue_reference_v<V> && !std::same_as<V, Value>;
  static constexpr bool kOnce =
      !kCopies && !(std::same_as<V, Value> && std::is_trivially_copyable_v<V>);

 public:
  SendCase(H&& channel, V&& value, F&& handler)
      : channel_(std::forward<H>(channel)),
        value_(std::forward<V>(value)),
        handler_(std::forward<F>(handler)) {}
  CaseSpec arm() {
    void* value = nullptr;
    if constexpr (kCopies) {
      value = std::addressof(copy_.emplace(value_));
    } else {
      value = std::addressof(value_);
    }
    return {.kind = CaseKind::send, .channel = sent_ ? nullptr : channel_.core(), .value = value};
  }
  Flow fire(Outcome outcome) {
    sent_ = kOnce && outcome == Outcome::ok;
    if (outcome == Outcome::closed && !kSaysFlow<F, Outcome>) channel_.end();
    return detail::run_handler(handler_, outcome);
  }

 private:
  CaseChannel<H> channel_;
  V value_;
  F handler_;
  bool sent_ = false;  // a value that was moved from is not sent again
  [[no_unique_address]] std::conditional_t<kCopies, std::optional<Value>, Nothing> copy_;
};

// A case without a channel. `arm` makes its spec, except the kind, anew for each round.
template <CaseKind kind, class Arm, class F>
class PlainCase {
 public:
  static constexpr CaseKind kKind = kind;
  PlainCase(Arm&& arm, F&& handler) : arm_(std::move(arm)), handler_(std::forward<F>(handler)) {}
  CaseSpec arm() {
    CaseSpec spec = arm_();
    spec.kind = kind;
    return spec;
  }
  Flow fire(Outcome) { return detail::run_handler(handler_); }

 private:
  Arm arm_;
  F handler_;
};
template <CaseKind kind, class Arm, class F>
auto make_plain_case(Arm arm, F&& handler) {
  return PlainCase<kind, Arm, F>(std::move(arm), std::forward<F>(handler));
}

template <class P, class C>
class WhenCase : public C {
 public:
  WhenCase(P&& predicate, C&& inner)
      : C(std::move(inner)), predicate_(std::forward<P>(predicate)) {}
  CaseSpec arm() {
    if constexpr (std::invocable<P&>) {
      return std::invoke(predicate_) ? C::arm() : CaseSpec{};
    } else {
      return predicate_ ? C::arm() : CaseSpec{};
    }
  }

 private:
  P predicate_;
};

template <class C, CaseKind kind>
concept OfKind = C::kKind == kind;

template <class H, class A>
auto make_send_case(H&& channel, A&& value, auto&& handler) {
  using Value = typename std::remove_cvref_t<H>::Value;
  using F = decltype(handler);
  using Handler = std::conditional_t<std::is_lvalue_reference_v<F>, F, std::remove_cvref_t<F>>;
  if constexpr (std::same_as<std::remove_cvref_t<A>, Value>) {
    using Rvalue = std::conditional_t<std::is_trivially_copyable_v<Value>, Value, Value&&>;
    constexpr bool kCopied = std::is_lvalue_reference_v<A> || std::is_const_v<A>;
    using V = std::conditional_t<kCopied, const Value&, Rvalue>;
    static_assert(!kCopied || std::copy_constructible<Value>,
                  "on_send: this value cannot be copied; pass it with std::move");
    return SendCase<H, V, Handler>(std::forward<H>(channel), static_cast<V&&>(value),
                                   std::forward<F>(handler));
  } else {
    // As for send(): implicit conversions only. An explicit one, such as a pointer's to its owner,
    // is the caller's decision.
    static_assert(std::convertible_to<A, Value>,
                  "on_send: this is no value of the channel's type, nor converts to one");
    using Copied = std::conditional_t<std::is_trivially_copyable_v<A>, A, Value>;
    using V = std::conditional_t<std::is_lvalue_reference_v<A>, A, Copied>;
    return SendCase<H, V, Handler>(std::forward<H>(channel), V(std::forward<A>(value)),
                                   std::forward<F>(handler));
  }
}

// Whether a handle can send or receive (C50). A case uses only the core, so nothing else checks it.
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
concept IsCase = requires(C& c) {
  { c.arm() } -> std::same_as<CaseSpec>;
  c.fire(Outcome::ok);
};

struct Round {
  std::size_t happened;  // the index of the case that happened
  Flow flow;             // what its handler returned
};

/// Arms all cases, in their order, makes one happen, and runs its handler.
template <class... Cases>
Round run_round(Choice choice, Cases&... cases) {
  static_assert((IsCase<Cases> && ...),
                "select and serve take cases, such as csp::on_receive(...)");
  static_assert((std::size_t{OfKind<Cases, CaseKind::otherwise>} + ... + 0) <= 1,
                "select: otherwise stands twice");
  static_assert((std::size_t{OfKind<Cases, CaseKind::stop>} + ... + 0) <= 1,
                "select: on_stop stands twice");
  std::array<QueuedCase, sizeof...(Cases)> queued{{{cases.arm()}...}};
  Round round{perform(queued, choice), go_on};
  std::size_t index = 0;
  ((index++ == round.happened ? void(round.flow = cases.fire(queued[index - 1].outcome)) : void()),
   ...);
  return round;
}

}  // namespace detail
}  // namespace csp
