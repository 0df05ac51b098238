// SPDX-License-Identifier: Apache-2.0
//
// The explorer's seam: what the core takes from the machine, provided by a model (model.hpp). The
// core is compiled a second time against this header (CSP_SEAM) and is not changed for it.
//
// Every operation on a Word is one step, at which the model decides which thread continues. Memory
// is sequentially consistent here; ThreadSanitizer checks the effects of weaker orders on the real
// seam. Sleeping behaves as a futex does: it compares and sleeps in one step, may end spuriously
// and, if it has a deadline, at any time; waking takes an address at which no object may exist any
// more. No thread spins, and the clock stands still.
//
// A Word knows whether it is alive. Touching one whose owner has returned, or has freed it, is a
// failure.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>

namespace csp::detail::seam {

using Clock = std::chrono::steady_clock;

/// What the model knows of any word: whether its owner is alive, and what depends on the word.
class Shared {
 public:
  Shared() = default;
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { *const_cast<volatile std::uint32_t*>(&alive_) = 0; }

  bool alive() const { return alive_ == kAlive; }
  std::uint64_t written = 0;          // a hash of the past of the last write
  mutable std::uint64_t readers = 0;  // pasts of the reads since then, in any order

 private:
  static constexpr std::uint32_t kAlive = 0xa11fe;
  std::uint32_t alive_ = kAlive;
};

template <class T>
class Atomic : public Shared {
 public:
  constexpr Atomic(T value = 0) : value_(value) {}

  T load(std::memory_order) const;
  void store(T value, std::memory_order);
  T exchange(T value, std::memory_order);
  T fetch_add(T value, std::memory_order);
  T fetch_sub(T value, std::memory_order);
  bool compare_exchange_strong(T& expected, T value, std::memory_order,
                               std::memory_order = std::memory_order_relaxed);

  // For the model and its checks; not a step.
  T peek() const { return value_; }
  void poke(T value);

 private:
  T replace(const char* what, T value);
  T value_;
};
using Word = Atomic<std::uint32_t>;
using Cell = Atomic<std::uintptr_t>;

Clock::time_point now();
bool sleep(Word& word, std::uint32_t expected, Clock::time_point deadline);
void wake_one(const Word* word);
inline unsigned spin_limit() { return 0; }
inline bool give_way() { return false; }
inline void pause() {}

/// A thread of the model.
class Thread {
 public:
  Thread(const std::string& name, std::function<void()> body);
  void join();

 private:
  int id_;
};

/// A step that depends on everything before it, and on which everything after it depends: a stop
/// request.
void global_step(const char* what);

/// Like std::stop_callback, except that its destructor waits in the model for a running call. For
/// the standard library all threads of the model are one thread, so it would not wait.
template <class F>
class StopCallback {
 public:
  StopCallback(const std::stop_token& token, F f) : f_(std::move(f)), inner_(token, Run{this}) {}
  ~StopCallback() {
    while (running_.load(std::memory_order_acquire) != 0) sleep(running_, 1, kForever);
  }

 private:
  static constexpr Clock::time_point kForever = Clock::time_point::max();
  struct Run {
    StopCallback* self;
    void operator()() const noexcept {
      self->running_.poke(1);  // one step with the library's removal from its list
      self->f_();
      const Word* const name = &self->running_;
      self->running_.exchange(0, std::memory_order_release);
      wake_one(name);
    }
  };

  F f_;
  Word running_{0};
  std::stop_callback<Run> inner_;
};

}  // namespace csp::detail::seam
