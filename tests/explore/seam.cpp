// SPDX-License-Identifier: Apache-2.0
//
// The seam's functions, as steps of the model, and what the model puts in place of two files of the
// core that are no part of its algorithm: the dice of select (choice.cpp), which the search throws,
// and the roll of sleepers (sleepers.cpp), whose global lock would only multiply the steps.
#include "explore/seam.hpp"

#include <tuple>

#include "choice.hpp"
#include "csp/select.hpp"
#include "explore/model.hpp"
#include "sleepers.hpp"

namespace csp::detail::seam {

using explore::Model;

void Word::arrive(const char* what) const { Model::get().step(what, this); }

std::uint32_t Word::replace(const char* what, std::uint32_t value) {
  const std::uint32_t before = value_;
  value_ = value;
  Model::get().did_write(*this);
  Model::get().note("%s: %u -> %u", what, before, value);
  return before;
}

std::uint32_t Word::load(std::memory_order) const {
  Model& model = Model::get();
  if (!model.active()) {
    if (!alive()) model.met_the_dead();  // a check that walks a queue
    return value_;
  }
  arrive("load");
  model.did_read(*this);
  model.note("load: %u", value_);
  return value_;
}

void Word::store(std::uint32_t value, std::memory_order) {
  if (!Model::get().active()) {
    value_ = value;
    return;
  }
  arrive("store");
  replace("store", value);
}

std::uint32_t Word::exchange(std::uint32_t value, std::memory_order) {
  if (!Model::get().active()) return std::exchange(value_, value);
  arrive("exchange");
  if (value == 0) Model::get().unlocked();
  return replace("exchange", value);
}

std::uint32_t Word::fetch_add(std::uint32_t value, std::memory_order) {
  if (!Model::get().active()) return std::exchange(value_, value_ + value);
  arrive("add");
  return replace("add", value_ + value);
}

std::uint32_t Word::fetch_sub(std::uint32_t value, std::memory_order) {
  if (!Model::get().active()) return std::exchange(value_, value_ - value);
  arrive("subtract");
  return replace("subtract", value_ - value);
}

bool Word::compare_exchange_strong(std::uint32_t& expected, std::uint32_t value, std::memory_order,
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
  arrive("compare-exchange");
  if (value_ == expected) {
    replace("compare-exchange", value);
    return true;
  }
  model.did_read(*this);
  model.note("compare-exchange: is %u, not %u", value_, expected);
  expected = value_;
  return false;
}

void Word::poke(std::uint32_t value) {
  value_ = value;
  if (Model::get().active()) Model::get().did_write(*this);
}

Clock::time_point now() {
  Model& model = Model::get();
  return model.active() ? model.now() : Clock::time_point{};
}

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

/// Of many numbers only their order counts: each is less, or more, than all that the same call has
/// drawn before it, which is one decision of two. A thread makes a step between two calls, so the
/// run, the thread and the step tell the call.
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

Sleeper::Sleeper(const Operation& operation, std::span<const Waiter> cases)
    : operation_(operation), cases_(cases), beneath_(nullptr), processes_(0) {
  explore::Model::get().parked();
}
Sleeper::Sleeper(const Operation& operation, std::span<const Waiter> cases, std::string_view)
    : operation_(operation), cases_(cases), beneath_(nullptr), processes_(0) {}
Sleeper::~Sleeper() = default;

void rest_may_have_come() {}
void wait_for_report() {}
void process_begins() {}
void process_ends() {}

}  // namespace csp::detail
