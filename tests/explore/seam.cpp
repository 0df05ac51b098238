// SPDX-License-Identifier: Apache-2.0
//
// The seam's functions, as steps of the model. This file also replaces two files of the core that
// are no part of its algorithm: the random numbers of select, which the search draws, and the list
// of blocked operations, whose global lock would only multiply the steps.
#include "explore/seam.hpp"

#include <tuple>

#include "core/blocked.hpp"
#include "core/random.hpp"
#include "csp/select.hpp"
#include "explore/model.hpp"
#include "seam/signal.hpp"

namespace csp::detail::seam {

using explore::Model;

namespace {
unsigned long shown(std::uintptr_t value) { return value; }
}  // namespace

template <class T>
T Atomic<T>::replace(const char* what, T value) {
  const T before = value_;
  value_ = value;
  Model::get().did_write(*this);
  Model::get().note("%s: %lu -> %lu", what, shown(before), shown(value));
  return before;
}

template <class T>
T Atomic<T>::load(std::memory_order) const {
  Model& model = Model::get();
  if (!model.active()) {
    if (!alive()) model.met_the_dead();  // found by a check that walks a queue
    return value_;
  }
  Model::get().step("load", this);
  model.did_read(*this);
  model.note("load: %lu", shown(value_));
  return value_;
}

template <class T>
void Atomic<T>::store(T value, std::memory_order) {
  if (!Model::get().active()) {
    value_ = value;
    return;
  }
  Model::get().step("store", this);
  replace("store", value);
}

template <class T>
T Atomic<T>::exchange(T value, std::memory_order) {
  if (!Model::get().active()) return std::exchange(value_, value);
  Model::get().step("exchange", this);
  if (value == 0) Model::get().unlocked();
  return replace("exchange", value);
}

template <class T>
T Atomic<T>::fetch_add(T value, std::memory_order) {
  if (!Model::get().active()) return std::exchange(value_, value_ + value);
  Model::get().step("add", this);
  return replace("add", value_ + value);
}

template <class T>
T Atomic<T>::fetch_sub(T value, std::memory_order) {
  if (!Model::get().active()) return std::exchange(value_, value_ - value);
  Model::get().step("subtract", this);
  return replace("subtract", value_ - value);
}

template <class T>
bool Atomic<T>::compare_exchange_strong(T& expected, T value, std::memory_order,
                                        std::memory_order) {
  Model& model = Model::get();
  if (!model.active()) {
    if (value_ == expected) {
      value_ = value;
      return true;
    }
    expected = value_;
    return false;
  }
  Model::get().step("compare-exchange", this);
  if (value_ == expected) {
    replace("compare-exchange", value);
    return true;
  }
  model.did_read(*this);
  model.note("compare-exchange: is %lu, not %lu", shown(value_), shown(expected));
  expected = value_;
  return false;
}

template <class T>
void Atomic<T>::poke(T value) {
  value_ = value;
  if (Model::get().active()) Model::get().did_write(*this);
}

template class Atomic<std::uint32_t>;
template class Atomic<std::uintptr_t>;

// The clock stands still. The search decides when a sleeping thread's deadline passes.
Clock::time_point now() { return {}; }

bool sleep(Word& word, std::uint32_t expected, Clock::time_point deadline) {
  Model& model = Model::get();
  if (!model.active()) return false;
  return model.sleep(word, expected, deadline != Clock::time_point::max());
}

void wake_one(const Word* word) {
  if (Model::get().active()) Model::get().wake_one(word);
}

Thread::Thread(const std::string& name, std::function<void()> body)
    : id_(Model::get().spawn_by_thread(name, std::move(body))) {}
void Thread::join() { Model::get().join(id_); }

void global_step(const char* what) { Model::get().global_step(what); }

}  // namespace csp::detail::seam

namespace csp::detail {

namespace {

/// Of many numbers only the order matters. Each number is below or above all that the same call has
/// drawn before it, which is one decision between two. A thread makes a step between two calls, so
/// the run, the thread and the step identify the call.
std::uint32_t one_of_many(std::uint32_t n) {
  static std::tuple<std::uint64_t, int, std::size_t> call;
  static std::uint32_t least = 0;
  static std::uint32_t most = 0;
  explore::Model& model = explore::Model::get();
  const std::tuple now(model.runs(), model.current(), model.steps());
  if (call != now) {
    call = now;
    return least = most = n / 2;
  }
  return model.choose(2) == 0 ? ++most : --least;
}

}  // namespace

std::uint32_t random_below(std::uint32_t n) noexcept {
  if (n > 64) return one_of_many(n);
  return n < 2 ? 0 : static_cast<std::uint32_t>(explore::Model::get().choose(n));
}

constinit Lock report_lock;

Blocked::Blocked(const Operation& operation, std::span<const QueuedCase> cases)
    : operation_(operation), cases_(cases), is_process_(false) {
  explore::Model::get().parked();
}
Blocked::~Blocked() = default;

BlockedCount visit_blocked(const std::function<void(const Blocked&)>&) { return {}; }
bool wait_until_all_blocked(seam::Clock::time_point) { return false; }
void count_processes(std::ptrdiff_t) {}

}  // namespace csp::detail
