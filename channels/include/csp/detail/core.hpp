// SPDX-License-Identifier: Apache-2.0
//
// The interface between the typed headers and the untyped core: private, though installed.
// Templates know the element type and nothing else. The core knows locks, queues and threads, and
// handles an element only through the four functions of its ElementType. So the algorithm is
// compiled once, in channels/src, and no header names a lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <type_traits>
#include <utility>

#include "csp/deadline.hpp"
#include "csp/describe.hpp"
#include "csp/outcome.hpp"

#if __cplusplus < 202002L
#error "csp needs C++20: compile with -std=c++20 or newer"
#endif

namespace csp::detail {

class Core;       // one channel: Go's hchan
class Operation;  // one blocked call

/// What the core can do with an element. A value to send is a T*; a receiver's destination is a
/// std::optional<T>*, so that a hand-over is one move and a pass through the buffer is two (C41).
struct ElementType {
  std::size_t size;
  std::size_t alignment;
  void (*store)(void* slot, void* value) noexcept;           // slot is raw memory
  void (*deliver)(void* destination, void* value) noexcept;  // emplace into the optional
  void (*destroy)(void* value) noexcept;
  void (*describe)(const void* value, bool received, Fields& fields);  // received: an optional
};

template <class T>
inline constexpr ElementType kElementType{
    sizeof(T),
    alignof(T),
    [](void* slot, void* value) noexcept {
      std::construct_at(static_cast<T*>(slot), std::move(*static_cast<T*>(value)));
    },
    [](void* destination, void* value) noexcept {
      static_cast<std::optional<T>*>(destination)->emplace(std::move(*static_cast<T*>(value)));
    },
    [](void* value) noexcept { std::destroy_at(static_cast<T*>(value)); },
    [](const void* value, bool received, Fields& fields) {
      describe_value(
          received ? **static_cast<const std::optional<T>*>(value) : *static_cast<const T*>(value),
          fields);
    }};

template <class T>
constexpr const ElementType& element_type() {
  static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>,
                "a channel's element must be a plain object type");
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                "a channel's element must be movable and destructible without throwing: a value "
                "that throws half-way would be lost between sender and receiver; box it in a "
                "std::unique_ptr");
  return kElementType<T>;
}

enum class CaseKind : unsigned char {
  disabled,   // never happens
  receive,    // from a channel; disabled if that is null (C21)
  send,       // to a channel; disabled if that is null
  time,       // happens when it is due
  stop,       // happens when stop is requested
  otherwise,  // happens at once if nothing else can
};

/// What a case asks for, as the caller describes it.
struct CaseSpec {
  CaseKind kind = CaseKind::disabled;
  Core* channel = nullptr;
  void* value = nullptr;  // T* to send, std::optional<T>* to receive into
  Clock::time_point due{};
  const std::stop_token* token = nullptr;

  bool sends() const { return kind == CaseKind::send; }
};

/// One case of an operation: Go's sudog. A plain send is a select with one case. It lives on the
/// caller's stack (C55).
struct QueuedCase : CaseSpec {
  Outcome outcome = Outcome::ok;  // of the case that happened

  // The rest belongs to the core; guarded by the channel's lock while the case is queued.
  Operation* operation = nullptr;
  std::uint32_t index = 0;  // among the cases of its operation
  std::uint32_t turn = 0;   // of several cases that could happen, the lowest does
  QueuedCase* next = nullptr;
  QueuedCase* previous = nullptr;
  QueuedCase* next_to_lock = nullptr;  // the operation's own list, in address order
  bool queued = false;

  // For the trace (traced.hpp): the message's description from before it was sent, and the event's
  // number and time, taken under the channel's lock when the case happens.
  const Fields* described = nullptr;
  bool exempt = false;  // the thread's operations are not traced
  std::uint64_t sequence = 0;
  Clock::time_point time{};
};

enum class Choice { uniform, in_order };

/// Makes exactly one of the cases happen, at one moment (C23, C24), and returns its index. Blocks
/// until one can happen, for ever if none is enabled (C22).
std::size_t perform(std::span<QueuedCase> cases, Choice choice);

/// The limits of a plain operation: a deadline and a stop token.
struct WaitLimit {
  Clock::time_point deadline = kNever;
  const std::stop_token* stop = nullptr;
};

/// A plain send or receive. An operation that is ready at the call happens whatever the limits
/// (C35, C37); otherwise a stop request takes precedence over the deadline.
Outcome perform_one(const CaseSpec& spec, const WaitLimit& limit);

Core* make_core(std::string_view name, std::size_t capacity, const ElementType& type);
void retain(Core* core) noexcept;   // not null
void release(Core* core) noexcept;  // not null
Outcome close(Core* core);          // throws Misuse when null
std::size_t size(const Core* core) noexcept;
std::size_t capacity(const Core* core) noexcept;
std::string_view name(const Core* core) noexcept;

/// A counted reference to a channel's core, the base of every handle (C45). Most handles that are
/// destroyed have been moved from, so null is tested inline, not behind a call.
class Handle {
 public:
  constexpr Handle() noexcept = default;
  explicit Handle(Core* owned) noexcept : core_(owned) {}
  Handle(const Handle& other) noexcept : core_(other.core_) {
    if (core_) retain(core_);
  }
  Handle(Handle&& other) noexcept : core_(std::exchange(other.core_, nullptr)) {}
  Handle& operator=(Handle other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~Handle() {
    if (core_) release(core_);
  }

  Core* core() const noexcept { return core_; }

 private:
  Core* core_ = nullptr;
};

}  // namespace csp::detail
