// SPDX-License-Identifier: Apache-2.0
//
// Channel<T>, Sender<T>, Receiver<T>: Go's `chan T`, `chan<- T` and `<-chan T`.
//
// All three are handles: copies name the same channel, the last one frees it (undelivered values
// are destroyed in order). A default-constructed handle is nil: never ready, so a blocking call on
// it blocks for ever, a try form gives would_block (C20). Capacity 0 is a rendezvous: a send
// completes together with the receive of its value. Dropping handles never closes (C19).
//
// Every function is thread-safe, on the channel; one handle object may not be assigned by one
// thread while another uses it. Operations on any one channel have one total order (C5, C6). A
// send happens before the completion of its receive, a close before the receives that report it
// (C38); try forms that fail, size() and sends that report closed order nothing (C39).
// Elements must be movable and destructible without throwing; their moves run inside a short
// critical section, so a move constructor must not use the same channel (C43).
#pragma once

#include <chrono>
#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include "csp/detail/core.hpp"
#include "csp/outcome.hpp"

namespace csp {

template <class T>
class Channel;
template <class T>
class Sender;
template <class T>
class Receiver;

namespace detail {

/// What travels on a Channel<T>: T itself, a Token for void.
template <class T>
using Element = std::conditional_t<std::is_void_v<T>, Token, T>;

/// Asked when a copy is sent, not when a Channel<T> is named: T may hold a Channel<T> of its own.
template <class T, class Value>
concept Copyable = std::same_as<T, Value> && std::copy_constructible<Value>;

inline Outcome as_try(Outcome outcome) {
  return outcome == Outcome::timeout ? Outcome::would_block : outcome;
}

/// The sending half of a handle. `Self` derives from Handle.
template <class Self, class T>
class Sending {
 public:
  using Value = Element<T>;

  /// Blocks until the value is handed over (capacity 0) or buffered, or stop is requested: ok,
  /// closed, cancelled. Ready beats stopped (C37). On anything but ok, here and in all forms below,
  /// `value` is untouched (C13). What is no T is converted to one before, and that one is lost.
  [[nodiscard]] Outcome send(Value&& value, const std::stop_token& stop = {}) const {
    return put(value, {.stop = &stop});
  }
  template <Copyable<Value> Copied = Value>
  [[nodiscard]] Outcome send(const std::type_identity_t<Copied>& value,
                             const std::stop_token& stop = {}) const {
    return send(Value(value), stop);
  }
  [[nodiscard]] Outcome send(const std::stop_token& stop = {}) const requires std::is_void_v<T> {
    return send(Token{}, stop);
  }
  /// Never blocks: ok, closed, would_block. For capacity 0: ok only if a receiver waits (C2).
  [[nodiscard]] Outcome try_send(Value&& value) const {
    return as_try(put(value, {.deadline = kAtOnce}));
  }
  template <Copyable<Value> Copied = Value>
  [[nodiscard]] Outcome try_send(const std::type_identity_t<Copied>& value) const {
    return try_send(Value(value));
  }
  [[nodiscard]] Outcome try_send() const requires std::is_void_v<T> { return try_send(Token{}); }
  /// Blocks until the deadline at most: ok, closed, timeout, cancelled. Never early (C35).
  [[nodiscard]] Outcome send_until(Value&& value, Clock::time_point deadline,
                                   const std::stop_token& stop = {}) const {
    return put(value, {.deadline = deadline, .stop = &stop});
  }
  template <Copyable<Value> Copied = Value>
  [[nodiscard]] Outcome send_until(const std::type_identity_t<Copied>& value,
                                   Clock::time_point deadline,
                                   const std::stop_token& stop = {}) const {
    return send_until(Value(value), deadline, stop);
  }
  [[nodiscard]] Outcome send_until(Clock::time_point deadline, const std::stop_token& stop = {})
      const requires std::is_void_v<T> {
    return send_until(Token{}, deadline, stop);
  }
  /// Zero or less is a try; what the clock cannot represent is "for ever".
  template <class Rep, class Period>
  [[nodiscard]] Outcome send_for(Value&& value, std::chrono::duration<Rep, Period> duration,
                                 const std::stop_token& stop = {}) const {
    return put(value, {.deadline = deadline_after(duration), .stop = &stop});
  }
  template <class Rep, class Period, Copyable<Value> Copied = Value>
  [[nodiscard]] Outcome send_for(const std::type_identity_t<Copied>& value,
                                 std::chrono::duration<Rep, Period> duration,
                                 const std::stop_token& stop = {}) const {
    return send_for(Value(value), duration, stop);
  }
  template <class Rep, class Period>
  [[nodiscard]] Outcome send_for(
      std::chrono::duration<Rep, Period> duration,
      const std::stop_token& stop = {}) const requires std::is_void_v<T> {
    return send_for(Token{}, duration, stop);
  }

 private:
  Outcome put(Value& value, const WaitLimit& limit) const {
    return perform_one({.kind = CaseKind::send,
                        .channel = static_cast<const Self*>(this)->core(),
                        .value = std::addressof(value)},
                       limit);
  }
};

/// The receiving half of a handle.
template <class Self, class T>
class Receiving {
 public:
  using Value = Element<T>;

  /// Blocks until a value comes; nullopt: the channel is closed and drained (Go's `v, ok := <-c`).
  std::optional<Value> receive() const {
    std::optional<Value> value;
    take(value, {});
    return value;
  }
  /// Blocks until stop is requested at most: ok, closed, cancelled.
  Received<Value> receive(const std::stop_token& stop) const { return taken({.stop = &stop}); }
  /// Never blocks: ok, closed, would_block.
  Received<Value> try_receive() const {
    Received<Value> received = taken({.deadline = kAtOnce});
    received.outcome = as_try(received.outcome);
    return received;
  }
  /// Blocks until the deadline at most: ok, closed, timeout, cancelled.
  Received<Value> receive_until(Clock::time_point deadline,
                                const std::stop_token& stop = {}) const {
    return taken({.deadline = deadline, .stop = &stop});
  }
  template <class Rep, class Period>
  Received<Value> receive_for(std::chrono::duration<Rep, Period> duration,
                              const std::stop_token& stop = {}) const {
    return taken({.deadline = deadline_after(duration), .stop = &stop});
  }

  /// `for (T& value : channel)`: receives until the channel is closed and drained (Go's range). A
  /// value is received when it is asked for, not before: views::take(3) takes three.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    explicit iterator(const Self& from) : from_(from) {}
    Value& operator*() const { return *current(); }
    iterator& operator++() {
      current();  // one that was passed over unseen is taken all the same
      asked_ = false;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const iterator& i, std::default_sentinel_t) { return !i.current(); }

   private:
    std::optional<Value>& current() const {
      if (!std::exchange(asked_, true)) {
        value_.reset();  // not assigned: elements need no assignment (C40)
        from_.take(value_, {});
      }
      return value_;
    }

    Self from_;  // a handle of its own: the loop may assign to the caller's, or destroy it
    mutable bool asked_ = false;
    mutable std::optional<Value> value_;
  };
  iterator begin() const { return iterator(*static_cast<const Self*>(this)); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Outcome take(std::optional<Value>& into, const WaitLimit& limit) const {
    return perform_one({.kind = CaseKind::receive,
                        .channel = static_cast<const Self*>(this)->core(),
                        .value = &into},
                       limit);
  }
  Received<Value> taken(const WaitLimit& limit) const {
    Received<Value> received{Outcome::would_block, std::nullopt};
    received.outcome = take(received.value, limit);
    return received;
  }
};

/// What every handle can tell. size() is true at some moment only (C12); 0, 0 and "nil" for nil.
/// Handles of one element type compare, whatever their direction, as in Go: equal if they name the
/// same channel; their order is any, but always the same. They hash alike.
template <class T>
class Named : public Handle {
 public:
  using Handle::Handle;
  std::size_t size() const noexcept { return detail::size(core()); }
  std::size_t capacity() const noexcept { return detail::capacity(core()); }
  std::string_view name() const noexcept { return detail::name(core()); }
  explicit operator bool() const noexcept { return core() != nullptr; }
  friend bool operator==(const Named& a, const Named& b) noexcept { return a.core() == b.core(); }
  friend std::strong_ordering operator<=>(const Named& a, const Named& b) noexcept {
    return std::compare_three_way()(a.core(), b.core());
  }
};

}  // namespace detail

/// Go's `chan<- T`: can send and close, cannot receive (C50).
template <class T>
class Sender : public detail::Named<T>, public detail::Sending<Sender<T>, T> {
 public:
  Sender() = default;
  Sender(const Channel<T>& channel)
      : detail::Named<T>(channel) {}  // narrowing is implicit, as in Go

  /// See Channel::close.
  Outcome close() const { return detail::close(this->core()); }
};

/// Go's `<-chan T`: can receive, cannot send or close.
template <class T>
class Receiver : public detail::Named<T>, public detail::Receiving<Receiver<T>, T> {
 public:
  Receiver() = default;
  Receiver(const Channel<T>& channel) : detail::Named<T>(channel) {}
};

/// Go's `chan T`.
template <class T>
class Channel : public detail::Named<T>,
                public detail::Sending<Channel<T>, T>,
                public detail::Receiving<Channel<T>, T> {
 public:
  using Value = detail::Element<T>;

  Channel() = default;

  /// `make(chan T, capacity)`. The name is what traces and deadlock reports show; a channel with an
  /// empty name is private and not traced. One allocation (C54): throws std::length_error when
  /// capacity * sizeof(T) is beyond the address space, std::bad_alloc when memory is short.
  static Channel make(std::string_view name, std::size_t capacity = 0) {
    return Channel(detail::make_core(name, capacity, detail::element_type<Value>()));
  }
  /// The same, private.
  static Channel make(std::size_t capacity = 0) { return make(std::string_view(), capacity); }

  /// ok, or closed when it was closed already: of any number of calls exactly one is ok (C14).
  /// Wakes all that wait; senders keep their values (C16). Throws Misuse on a nil channel.
  Outcome close() const { return detail::close(this->core()); }

 private:
  explicit Channel(detail::Core* core) : detail::Named<T>(core) {}
};

}  // namespace csp

template <class T>
struct std::hash<csp::Channel<T>> {
  std::size_t operator()(const csp::detail::Named<T>& handle) const noexcept {
    return std::hash<const void*>()(handle.core());
  }
};
template <class T>
struct std::hash<csp::Sender<T>> : std::hash<csp::Channel<T>> {};
template <class T>
struct std::hash<csp::Receiver<T>> : std::hash<csp::Channel<T>> {};
