// SPDX-License-Identifier: Apache-2.0
//
// The steps, and the decision at each step which thread continues. The decision is taken on the
// running fiber's stack, so a thread that continues costs no switch.
#include "explore/model.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "explore/arena.hpp"

namespace explore {

Model& Model::get() {
  static Model model;
  return model;
}

std::string Model::asleep_for_ever() const {
  std::string asleep;
  for (int t = 0; t < count_; ++t) {
    if (!finished(t)) asleep += std::string(" ") + name_of(t);
  }
  return asleep.empty() ? asleep : "asleep for ever:" + asleep;
}

int Model::spawn(const std::string& name, std::function<void()> body) {
  if (count_ == kMaxThreads) {
    std::fputs("explore: a scenario has more threads than the model; enlarge kMaxThreads\n",
               stderr);
    std::abort();
  }
  const int id = count_++;
  Fiber& fiber = fibers_[id];
  fiber.started = false;
  fiber.status = Status::ready;
  fiber.body = new std::function<void()>(std::move(body));
  std::snprintf(fiber.name, sizeof fiber.name, "%s", name.c_str());
  fiber.asleep_on = nullptr;
  fiber.past = static_cast<Hash>(id) + 1;
  fiber.process = nullptr;
  fiber.exceptions[0] = fiber.exceptions[1] = nullptr;
  return id;
}

Result Model::run(Scenario& scenario, Strategy& strategy, bool verbose) {
  make_fibers();
  arena::reset();
  count_ = 0;
  current_ = -1;
  ++runs_;
  steps_ = 0;
  woken_for_nothing_ = 0;
  check_due_ = false;
  met_the_dead_ = false;
  verbose_ = verbose;
  scenario_ = &scenario;
  strategy_ = &strategy;
  result_ = {};
  labels_.clear();
  forget_thread_locals();

  arena::set(true);
  scenario.begin(*this);
  // From here on no object with a destructor may exist between _setjmp and its return.
  if (_setjmp(main_) == 0) schedule();
  current_ = -1;
  forget_thread_locals();
  std::string verdict;
  if (result_.failure.empty() && !result_.given_up) verdict = scenario.judge(*this);
  arena::set(false);
  if (!verdict.empty()) result_.failure = std::string(verdict.c_str());  // copied out of the arena
  result_.steps = steps_;
  return result_;
}

void Model::leave() { _longjmp(main_, 1); }

void Model::fail(const std::string& what) {
  {
    const arena::Scope outside(false);
    result_.failure = std::string(what.c_str());
  }
  leave();
}

std::size_t Model::collect(Option* options) const {
  std::size_t n = 0;
  if (current_ >= 0 && fibers_[current_].status == Status::ready) {
    options[n++] = {current_, Option::run};
  }
  for (int i = 0; i < count_; ++i) {
    if (i != current_ && fibers_[i].status == Status::ready) options[n++] = {i, Option::run};
  }
  for (int i = 0; i < count_; ++i) {
    if (fibers_[i].status == Status::asleep && fibers_[i].timed) {
      options[n++] = {i, Option::expire};
    }
  }
  // If nothing else can happen, the run is over. A spurious wake-up is not offered then, since it
  // could hide a lost one.
  if (n == 0 || woken_for_nothing_ >= wakes_for_nothing) return n;
  for (int i = 0; i < count_; ++i) {
    if (fibers_[i].status == Status::asleep) options[n++] = {i, Option::wake_for_nothing};
  }
  return n;
}

Hash Model::past() const {
  Hash hash = static_cast<Hash>(current_ + 2) * 31 + woken_for_nothing_;
  for (int i = 0; i < count_; ++i) {
    hash = mix(hash, fibers_[i].past + static_cast<Hash>(fibers_[i].status));
  }
  return hash;
}

void Model::schedule() {
  if (check_due_) {
    check_due_ = false;
    const int current = std::exchange(current_, -1);
    const char* broken = scenario_->broken();
    if (met_the_dead_) broken = "a case is queued whose operation is gone";
    current_ = current;
    if (broken) fail(std::string("an invariant does not hold: ") + broken);
  }
  Option options[3 * kMaxThreads];
  const std::size_t n = collect(options);
  if (n == 0) leave();
  if (++steps_ > kMaxSteps) fail("endless: more steps than any run should need");
  std::size_t picked = 0;
  if (n > 1) {
    const bool preempts = options[0].thread == current_ && options[0].how == Option::run;
    const arena::Scope outside(false);
    picked = strategy_->pick({options, n}, preempts, past());
  }
  if (picked == Strategy::kGiveUp) {
    result_.given_up = true;
    leave();
  }
  const Option option = options[picked];
  Fiber& chosen = fibers_[option.thread];
  if (option.how != Option::run) {
    chosen.status = Status::ready;
    chosen.expired = option.how == Option::expire;
    chosen.past = mix(chosen.past, 0xe0 + static_cast<Hash>(option.how));
    woken_for_nothing_ += option.how == Option::wake_for_nothing;
    if (verbose_) {
      std::printf("%5zu  %-10s %s\n", steps_, chosen.name,
                  chosen.expired ? "its deadline passes" : "wakes spuriously");
    }
  }
  if (option.thread != current_) switch_to(option.thread);
}

void Model::step(const char* what, const Shared* word) {
  schedule();
  if (word && !word->alive()) {
    fail(std::string(name_of(current_)) + " touches a word that is gone, in " + what);
  }
}

void Model::did_read(const Shared& word) {
  Hash& past = fibers_[current_].past;
  past = mix(past, word.written);
  word.readers += past * 0x94d049bb133111eb;
}

void Model::did_write(Shared& word) {
  Hash& past = fibers_[current_].past;
  past = mix(mix(past, word.written), word.readers);
  word.written = past;
  word.readers = 0;
}

bool Model::sleep(Word& word, std::uint32_t expected, bool timed) {
  step("sleep", &word);
  did_write(word);
  note("sleeps on w%zu while it is %u%s: %s", label(&word), expected, timed ? " or in time" : "",
       word.peek() == expected ? "sleeps" : "no");
  if (word.peek() != expected) return true;
  Fiber& self = fibers_[current_];
  self.status = Status::asleep;
  self.asleep_on = &word;
  self.timed = timed;
  self.expired = false;
  schedule();
  self.asleep_on = nullptr;
  return !self.expired;
}

void Model::wake_one(const Word* word) {
  step("wake", nullptr);
  int sleepers[kMaxThreads];
  std::size_t n = 0;
  for (int i = 0; i < count_; ++i) {
    if (fibers_[i].status == Status::asleep && fibers_[i].asleep_on == word) sleepers[n++] = i;
  }
  Fiber& self = fibers_[current_];
  if (n == 0) {
    self.past = mix(self.past, 1);
    note("wakes a sleeper on w%zu: none", label(word));
    return;
  }
  Fiber& woken = fibers_[sleepers[n == 1 ? 0 : choose(n)]];
  note("wakes a sleeper on w%zu: %s", label(word), woken.name);
  woken.status = Status::ready;
  const Hash before = woken.past;
  woken.past = mix(woken.past, self.past);
  self.past = mix(self.past, before);
}

void Model::global_step(const char* what) {
  step(what, nullptr);
  note("%s", what);
  const Hash all = past();
  for (int i = 0; i < count_; ++i) fibers_[i].past = mix(fibers_[i].past, all);
}

int Model::spawn_by_thread(const std::string& name, std::function<void()> body) {
  step("spawn", nullptr);
  const int id = spawn(name, std::move(body));
  fibers_[id].past = mix(fibers_[id].past, fibers_[current_].past);
  note("starts %s", fibers_[id].name);
  return id;
}

void Model::join(int thread) {
  step("join", nullptr);
  Fiber& self = fibers_[current_];
  note("joins %s", fibers_[thread].name);
  if (fibers_[thread].status == Status::finished) {
    self.past = mix(self.past, fibers_[thread].past);
    return;
  }
  self.status = Status::joining;
  self.joins = thread;
  schedule();
}

std::size_t Model::choose(std::size_t n) {
  std::size_t chosen = 0;
  {
    const arena::Scope outside(false);
    chosen = strategy_->choose(n);
  }
  note("draws %zu of %zu", chosen, n);
  if (active()) fibers_[current_].past = mix(fibers_[current_].past, chosen);
  return chosen;
}

void Model::parked() {
  if (active()) scenario_->parked(current_);
}

std::size_t Model::label(const Word* word) {
  if (!verbose_) return 0;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    if (labels_[i] == word) return i;
  }
  const arena::Scope outside(false);
  labels_.push_back(word);
  return labels_.size() - 1;
}

void Model::note(const char* format, ...) {
  if (!verbose_) return;
  std::printf("%5zu  %-10s ", steps_, current_ >= 0 ? fibers_[current_].name : "");
  std::va_list arguments;
  va_start(arguments, format);
  std::vprintf(format, arguments);
  va_end(arguments);
  std::putchar('\n');
}

}  // namespace explore
