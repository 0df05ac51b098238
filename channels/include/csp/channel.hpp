// SPDX-License-Identifier: Apache-2.0
//
// Channel<T>, Sender<T>, Receiver<T>: Go's `chan T`, `chan<- T` and `<-chan T`.
//
//   auto numbers = csp::Channel<int>::make("numbers", 8);  // room for 8 values
//   csp::Process producer("producer", [=] { (void)numbers.send(1), numbers.close(); });
//   for (int n : numbers) use(n);                          // until closed and drained
//
// All three are handles: copies name the same channel. The last one frees it, and destroys
// undelivered values in order. A default-constructed handle is nil, which is never ready: a
// blocking call on it blocks for ever, a try form returns would_block (C20). Capacity 0 is a
// rendezvous: a send completes together with the receive of its value. Dropping handles never
// closes a channel (C19).
//
// Every function is thread-safe with respect to the channel, but one thread must not assign to a
// handle object while another uses that object. The operations on one channel have one total order
// (C5, C6). A send happens before the end of its receive, a close before the receives that report
// it (C38); failed try forms, size() and sends that report closed order nothing (C39).
//
// Elements must be movable and destructible without throwing. They are moved under the channel's
// lock, so a move constructor must not use the same channel.
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

/// The element of a Channel<T>: T itself, or Token if T is void.
template <class T>
using Element = std::conditional_t<std::is_void_v<T>, Token, T>;

/// Evaluated when a copy is sent, not when Channel<T> is named, since T may hold a Channel<T>.
template <class T, class Value>
concept Copyable = std::same_as<T, Value> && std::copy_constructible<Value>;

inline Outcome as_try(Outcome outcome) {
  return outcome == Outcome::timeout ? Outcome::would_block : outcome;
}

/// The sending operations of a handle. `Self` derives from Handle. In every form an rvalue is moved
/// from, an lvalue is copied first, and a Channel<void> needs no value. An argument of another type
/// is converted to T first.
template <class Self, class T>
class Sending {
 public:
  using Value = Element<T>;

  /// Blocks until the value is handed over (capacity 0) or buffered, the channel is closed, or stop
  /// is requested: ok, closed, cancelled. A send that is ready at the call happens even if stop is
  /// already requested (C37). Unless the outcome is ok, `value` is unchanged, here and in all forms
  /// below (C13); a value that had to be converted is lost. (Go: `c <- v`, which panics where this
  /// returns closed.)
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
  /// Does not wait: ok, closed, would_block. With capacity 0, ok only if a receiver waits (C2).
  [[nodiscard]] Outcome try_send(Value&& value) const {
    return as_try(put(value, {.deadline = kAtOnce}));
  }
  template <Copyable<Value> Copied = Value>
  [[nodiscard]] Outcome try_send(const std::type_identity_t<Copied>& value) const {
    return try_send(Value(value));
  }
  [[nodiscard]] Outcome try_send() const requires std::is_void_v<T> { return try_send(Token{}); }
  /// Like send(), but blocks until the deadline at most: ok, closed, timeout, cancelled. A timeout
  /// is never early; a send that is ready happens even after its deadline (C35).
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
  /// Like send_until(), with a duration: zero or less is a try, and one that the clock cannot
  /// represent is unlimited.
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

/// The receiving operations of a handle. `Self` derives from Handle.
template <class Self, class T>
class Receiving {
 public:
  using Value = Element<T>;

  /// Blocks until there is a value; nullopt: the channel is closed and drained (Go: `v, ok :=
  /// <-c`).
  std::optional<Value> receive() const {
    std::optional<Value> value;
    take(value, {});
    return value;
  }
  /// Like receive(), but ends when stop is requested: ok, closed, cancelled. A receive that is
  /// ready at the call happens even if stop is already requested (C37).
  Received<Value> receive(const std::stop_token& stop) const { return taken({.stop = &stop}); }
  /// Does not wait: ok, closed, would_block.
  Received<Value> try_receive() const {
    Received<Value> received = taken({.deadline = kAtOnce});
    received.outcome = as_try(received.outcome);
    return received;
  }
  /// Blocks until the deadline at most: ok, closed, timeout, cancelled (C35).
  Received<Value> receive_until(Clock::time_point deadline,
                                const std::stop_token& stop = {}) const {
    return taken({.deadline = deadline, .stop = &stop});
  }
  template <class Rep, class Period>
  Received<Value> receive_for(std::chrono::duration<Rep, Period> duration,
                              const std::stop_token& stop = {}) const {
    return taken({.deadline = deadline_after(duration), .stop = &stop});
  }

  /// For `for (T& value : channel)`, which receives until the channel is closed and drained (Go's
  /// range). A value is received when it is first used, not before: views::take(3) takes three.
  class iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Value;
    using difference_type = std::ptrdiff_t;
    explicit iterator(const Self& from) : from_(from) {}
    Value& operator*() const { return *current(); }
    iterator& operator++() {
      current();  // a value that was not looked at is received all the same
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

    Self from_;  // a copy: the loop may assign to the caller's handle, or destroy it
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

/// What every handle offers. size() is the number of buffered values, which may change at once
/// (C12); size, capacity and name of a nil handle are 0, 0 and "nil". A handle is true unless it is
/// nil. Handles of one element type can be compared, whatever their direction: they are equal, and
/// hash equally, if they name the same channel (as in Go); their order is arbitrary but consistent.
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
  Sender(const Channel<T>& channel)  // implicit: narrowing converts, as in Go
      : detail::Named<T>(channel) {}

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

/// Go's `chan T`: can send, receive and close. T is void for a channel of signals without a value.
template <class T>
class Channel : public detail::Named<T>,
                public detail::Sending<Channel<T>, T>,
                public detail::Receiving<Channel<T>, T> {
 public:
  using Value = detail::Element<T>;

  Channel() = default;

  /// Makes a channel (Go: `make(chan T, capacity)`). Traces and reports show the name; a channel
  /// without one is not traced. Makes one allocation (C54). Throws std::length_error if capacity *
  /// sizeof(T) exceeds the address space, std::bad_alloc if memory is short (C1).
  static Channel make(std::string_view name, std::size_t capacity = 0) {
    return Channel(detail::make_core(name, capacity, detail::element_type<Value>()));
  }
  /// The same, without a name.
  static Channel make(std::size_t capacity = 0) { return make(std::string_view(), capacity); }

  /// Closes the channel: ok, or closed if it was closed before; of any number of calls exactly one
  /// is ok (C14). Wakes every operation that waits; waiting senders keep their values (C16). Never
  /// blocks. Throws Misuse on a nil channel. (Go: `close(c)`.)
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
