// SPDX-License-Identifier: Apache-2.0
//
// The door between the typed headers and the untyped core: private, though it must be installed.
// Templates know the element type and nothing else; the core knows locks, queues and threads and
// sees an element only through the three functions of its ElementType. So the whole algorithm is
// compiled once, in channels/src, and no header names an atomic or a lock.
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

/// What the core may do with an element. A value on its way is a T*; a receiver's destination is a
/// std::optional<T>*, so that a hand-over is one move and a hop through the buffer is two (C41).
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

/// What a case asks for. A null channel disables it (C21).
struct Case {
  Core* channel = nullptr;
  void* value = nullptr;  // T* to send, std::optional<T>* to receive into
  bool sends = false;
  bool operator==(const Case&) const = default;
};

/// One case of an operation: Go's sudog. A plain send is a select with one case. It lives on the
/// caller's stack (C55).
struct Waiter : Case {
  Outcome outcome = Outcome::would_block;  // of the case that happened

  // The rest belongs to the core; guarded by the channel's lock while the case is queued.
  Operation* operation = nullptr;
  std::uint32_t index = 0;  // among the cases of its operation
  std::uint32_t turn = 0;   // which of the operation's cases goes first where several could
  Waiter* next = nullptr;
  Waiter* previous = nullptr;
  Waiter* next_to_lock = nullptr;  // the caller's own list, in address order
  bool queued = false;

  // For the trace (trace_hook.hpp): the message as it was before it was sent, and the event's
  // number and time, taken under the channel's lock when the case happens.
  const Fields* described = nullptr;
  std::uint64_t sequence = 0;
  Clock::time_point time{};
};

/// How long an operation may wait.
struct Patience {
  Clock::time_point deadline = kNever;
  const std::stop_token* stop = nullptr;
};

/// perform() returns the index of the case that happened, or one of these.
inline constexpr std::size_t kTimedOut = static_cast<std::size_t>(-1);
inline constexpr std::size_t kStopped = static_cast<std::size_t>(-2);

/// What a round of a select is set up with beside its channels' cases.
struct Setup {
  Patience patience;
  std::size_t on_timeout = kTimedOut;  // the index of the case that the deadline makes happen
  std::size_t on_stop = kStopped;

  /// perform()'s result as the index of a case.
  std::size_t index_of(std::size_t happened) const {
    if (happened == kTimedOut) return on_timeout;
    return happened == kStopped ? on_stop : happened;
  }
};

enum class Choice { uniform, in_order };

/// Makes exactly one of the cases happen, at one moment (C23, C24), or none within the patience.
std::size_t perform(std::span<Waiter> cases, const Patience& patience, Choice choice);

/// Sends `request`, which may wait without limit; if that went well, receives `answer`, which may
/// wait as long as the patience. Returns what perform() says of the answer.
std::size_t call(Waiter& request, Waiter& answer, const Patience& patience);

/// The cases of a serve, behind two functions of the caller's. Both are called with no lock held,
/// by one thread at a time, though not always by the same one.
class Served {
 public:
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;
  virtual Setup arm() = 0;                   // a round's begin: fills `armed`
  virtual bool fire(std::size_t index) = 0;  // a case's handler; false: it was the last

  const std::span<Case> armed;
  const std::span<Waiter> cases;
  const std::stop_token* const stop;  // of the on_stop case, if there is one

 protected:
  Served(std::span<Case> to_arm, std::span<Waiter> waiters, const std::stop_token* token)
      : armed(to_arm), cases(waiters), stop(token) {}
  ~Served() = default;
};

/// Rounds until a handler says it was the last; rethrows what a handler threw.
void serve(Served& served, bool assisted);

Core* make_core(std::string_view name, std::size_t capacity, const ElementType& type);
void retain(Core* core) noexcept;   // not null
void release(Core* core) noexcept;  // not null
Outcome close(Core* core);          // throws Misuse when null
std::size_t size(const Core* core) noexcept;
std::size_t capacity(const Core* core) noexcept;
std::string_view name(const Core* core) noexcept;

/// A counted reference to a channel's core: what every handle is made of (C45). Most of those that
/// are destroyed have been moved from, so whether one is null is asked here, and not behind a call.
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
