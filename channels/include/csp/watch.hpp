// SPDX-License-Identifier: Apache-2.0
//
// Watch<T>: the latest value that one thread has posted. A reader obtains it without waiting,
// without a message, and without writing to memory that others read, so any number of readers scale
// with the processors. Go has no counterpart; tokio calls it `watch`, Kotlin `StateFlow`.
//
//   csp::Watch<Position> position(Position{});
//   position.post({x, y});                                   // the one writer
//   if (const auto p = position.latest()) draw(p->x, p->y);  // any reader
//
// It is a sequence lock. The writer makes the sequence number odd, stores the value's cells, and
// makes the number even. A reader that finds the number odd, or changed after it has read the
// cells, has no value. Every access is atomic, and there is no stand-alone fence: a reader that
// loads a cell of a post under way (acquire, from the writer's release) also sees that post's odd
// number, or a later one, and gives up. Without these two orders it could combine cells of two
// posts into one value.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>

#include "csp/detail/word.hpp"

namespace csp {

/// The latest value of a trivially copyable T. One thread at a time may post; any thread may read
/// at any time. A post happens before every latest() that returns its value or a later one. A Watch
/// has cache lines of its own.
template <class T>
class alignas(64) Watch {
  static_assert(std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>,
                "a watch's value is copied byte by byte");

 public:
  /// Starts with `first` as the latest value.
  explicit Watch(const T& first) noexcept { store(first); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  /// Makes `value` the latest. Never blocks. One thread at a time may call it.
  void post(const T& value) noexcept {
    // relaxed: only this thread writes it. The releases of the cells order the odd number before
    // them.
    const std::uintptr_t before = sequence_.load(std::memory_order_relaxed);
    sequence_.store(before + 1, std::memory_order_relaxed);
    store(value);
    sequence_.store(before + 2, std::memory_order_release);
  }

  /// The value posted last; nullopt only if a post is under way. Never blocks. Thread-safe.
  std::optional<T> latest() const noexcept {
    std::optional<T> value;
    const std::uintptr_t before = sequence_.load(std::memory_order_acquire);
    if (before % 2 == 0) {
      load(value.emplace(), std::make_index_sequence<kCells>());
      // relaxed: the acquires of the cells keep this load after them.
      if (sequence_.load(std::memory_order_relaxed) != before) value.reset();
    }
    return value;
  }

 private:
  static constexpr std::size_t kCells =
      (sizeof(T) + sizeof(std::uintptr_t) - 1) / sizeof(std::uintptr_t);

  /// Copies word by word. A wider load than the preceding stores would have to wait until those
  /// have reached the cache, which takes as long as everything else here.
  template <std::size_t... I>
  void load(T& value, std::index_sequence<I...>) const noexcept {
    std::byte* const bytes = reinterpret_cast<std::byte*>(&value);
    const auto load_one = [&](std::size_t i) {
      const std::uintptr_t word = cells_[i].load(std::memory_order_acquire);
      std::memcpy(bytes + i * sizeof word, &word,
                  std::min(sizeof word, sizeof(T) - i * sizeof word));
    };
    (load_one(I), ...);
  }

  void store(const T& value) noexcept {
    std::array<std::uintptr_t, kCells> words{};
    std::memcpy(words.data(), &value, sizeof(T));
    for (std::size_t i = 0; i < kCells; ++i) cells_[i].store(words[i], std::memory_order_release);
  }

  detail::seam::Cell sequence_{0};
  std::array<detail::seam::Cell, kCells> cells_{};
};

}  // namespace csp
