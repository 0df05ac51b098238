// SPDX-License-Identifier: Apache-2.0
//
// Model runs a scenario's threads as fibers, one at a time, and asks a Strategy at every step which
// thread continues. Everything that can happen is an option: a thread runs on, a sleeper's deadline
// passes, or a sleeper wakes spuriously. The numbers that the strategy answers determine the run,
// so the same numbers give the same run.
//
// The model also keeps a hash of each thread's past: of the operations that it did, and of those of
// other threads that they depend on. Two runs whose threads have equal pasts differ only in the
// order of independent steps, so they are in the same state. Searches prune by that.
#pragma once

#include <csetjmp>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "explore/seam.hpp"

namespace explore {

using Hash = std::uint64_t;
using csp::detail::seam::Shared;
using csp::detail::seam::Word;

inline Hash mix(Hash a, Hash b) {
  a = (a ^ (b + 0x9e3779b97f4a7c15 + (a << 6) + (a >> 2))) * 0xbf58476d1ce4e5b9;
  return a ^ (a >> 29);
}

struct Option {
  enum How : std::uint8_t { run, expire, wake_for_nothing };
  int thread;
  How how;
};

class Strategy {
 public:
  static constexpr std::size_t kGiveUp = static_cast<std::size_t>(-1);
  virtual ~Strategy() = default;
  /// Which of two or more options to take. If `preempts` is set, the first option is that the
  /// current thread continues, and any other preempts it. `past` identifies the state. kGiveUp ends
  /// the run.
  virtual std::size_t pick(std::span<const Option> options, bool preempts, Hash past) = 0;
  /// A number below n, n >= 2: which of select's ready cases, or which of several sleepers to wake.
  virtual std::size_t choose(std::size_t n) = 0;
};

class Model;

/// What is run. Only the threads' bodies run inside the model; all other calls make no steps.
class Scenario {
 public:
  virtual ~Scenario() = default;
  virtual std::string name() const = 0;
  virtual void begin(Model& model) = 0;  // spawns threads; allocations last for the run
  // Called after each unlock; names the invariant that is broken.
  virtual const char* broken() { return nullptr; }
  virtual void parked(int /*thread*/) {}        // the operation is in its channels' queues
  virtual std::string judge(Model& model) = 0;  // at the end: empty, or what is wrong
};

struct Result {
  std::string failure;
  bool given_up = false;
  std::size_t steps = 0;
};

class Model {
 public:
  static Model& get();

  Result run(Scenario& scenario, Strategy& strategy, bool verbose = false);

  // For scenarios.
  int spawn(const std::string& name, std::function<void()> body);
  bool finished(int thread) const { return fibers_[thread].status == Status::finished; }
  bool asleep(int thread) const { return fibers_[thread].status == Status::asleep; }
  int threads() const { return count_; }
  std::string asleep_for_ever() const;  // at the end: which threads have not ended, or empty
  const char* name_of(int thread) const { return fibers_[thread].name; }
  int current() const { return current_; }
  std::uint64_t runs() const { return runs_; }
  std::size_t steps() const { return steps_; }
  void note(const char* format, ...) __attribute__((format(printf, 2, 3)));  // when verbose
  [[noreturn]] void fail(const std::string& what);
  unsigned wakes_for_nothing = 1;  // how many spurious wake-ups a run may have

  // For the seam.
  bool active() const { return current_ >= 0; }
  void step(const char* what, const Shared* word);
  void did_read(const Shared& word);
  void did_write(Shared& word);
  bool sleep(Word& word, std::uint32_t expected, bool timed);
  void wake_one(const Word* word);
  void global_step(const char* what);
  int spawn_by_thread(const std::string& name, std::function<void()> body);
  void join(int thread);
  std::size_t choose(std::size_t n);
  void parked();
  void unlocked() { check_due_ = true; }
  void met_the_dead() { met_the_dead_ = true; }

 private:
  enum class Status : std::uint8_t { ready, asleep, joining, finished };
  static constexpr int kMaxThreads = 16;
  static constexpr std::size_t kMaxSteps = 50000;

  struct Fiber {
    std::jmp_buf base;  // where the fiber starts a run
    std::jmp_buf here;
    bool made = false;
    bool started = false;
    Status status = Status::finished;
    std::function<void()>* body = nullptr;
    char name[24] = "";
    const Word* asleep_on = nullptr;
    bool timed = false;
    bool expired = false;
    int joins = -1;
    Hash past = 0;
    // What the standard library and the core keep in thread-local memory.
    const std::string* process = nullptr;
    void* exceptions[2] = {};
  };

  static void trampoline();
  void make_fiber(Fiber& fiber);
  void make_fibers();
  void schedule();
  std::size_t collect(Option* options) const;
  void switch_to(int thread);
  [[noreturn]] void leave();  // to run()
  void save_thread_locals(Fiber& fiber);
  void load_thread_locals(const Fiber& fiber);
  void forget_thread_locals();
  Hash past() const;
  std::size_t label(const Word* word);

  Fiber fibers_[kMaxThreads];
  int count_ = 0;
  int current_ = -1;
  int starting_ = -1;
  std::uint64_t runs_ = 0;  // started so far
  std::size_t steps_ = 0;
  unsigned woken_for_nothing_ = 0;
  bool check_due_ = false;
  bool met_the_dead_ = false;
  bool verbose_ = false;
  std::jmp_buf main_;
  Scenario* scenario_ = nullptr;
  Strategy* strategy_ = nullptr;
  Result result_;
  std::vector<const Word*> labels_;
};

}  // namespace explore
