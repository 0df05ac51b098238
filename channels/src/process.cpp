// SPDX-License-Identifier: Apache-2.0
//
// Process: see process.hpp. A process counts as alive from before its thread starts until its body
// has ended, so that "all processes are asleep" never overlooks one that is only just starting.
#include "csp/process.hpp"

#include <pthread.h>

#include <exception>
#include <optional>
#include <string>

#include "csp/outcome.hpp"
#include "current_process.hpp"
#include "seam.hpp"
#include "server.hpp"
#include "sleepers.hpp"
#include "threadless.hpp"

namespace csp {
namespace detail {
constinit thread_local const std::string* current_process CSP_NEAR = nullptr;
}
namespace {
constinit thread_local char thread_name[16] = "";
}

struct Process::State {
  /// Runs on the process's thread, or on whoever's it ends.
  void end() {
    body.reset();  // what the function captured ends with the process, before the join
    detail::process_ends();
  }

  std::string name;
  std::unique_ptr<detail::Runnable> body;
  std::exception_ptr error;  // written by the process, read after it was joined
  // One of the two.
  std::optional<detail::seam::Thread> thread;
  std::optional<detail::Threadless> threadless;
};

Process::Process() noexcept = default;
Process::Process(Process&& other) noexcept = default;

void Process::Delete::operator()(State* state) const noexcept { delete state; }

void Process::start(std::string_view name, std::unique_ptr<detail::Runnable> body) {
  state_.reset(new State);
  state_->name = name;
  state_->body = std::move(body);
  detail::process_begins();
  if (detail::Served* const served = state_->body->served()) {
    state_->threadless.emplace(state_->name, *served,
                               [state = state_.get()](std::exception_ptr error) {
                                 state->error = std::move(error);
                                 state->end();
                               });
    state_->threadless->begin();
    return;
  }
  const auto run = [state = state_.get()] {
    detail::current_process = &state->name;
    try {
      state->body->run();
    } catch (...) {
      state->error = std::current_exception();
    }
    state->end();
    detail::current_process = nullptr;
  };
  try {
    state_->thread.emplace(state_->name, run);
  } catch (...) {
    detail::process_ends();
    state_.reset();
    throw;
  }
}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    await_end();
    state_ = std::move(other.state_);
  }
  return *this;
}

Process::~Process() { await_end(); }

void Process::refuse_oneself() const {
  // It, or a handler that its thread runs for another.
  if (state_ &&
      (detail::current_process == &state_->name || detail::carrier.beneath == &state_->name)) {
    throw Misuse("csp: a process waits for its own end");
  }
}

// From a destructor what this throws ends the program, as it would never go on.
void Process::await_end() noexcept {
  if (!state_) return;
  refuse_oneself();
  if (state_->threadless) {
    state_->threadless->join();
  } else {
    detail::leave_brought();  // it may wait for what they are to do
    state_->thread->join();
  }
}

void Process::join() {
  if (!state_) return;
  refuse_oneself();
  await_end();
  const std::unique_ptr<State, Delete> state = std::move(state_);
  if (state->error) std::rethrow_exception(state->error);
}

std::string_view Process::current_name() noexcept {
  if (detail::current_process) return *detail::current_process;
  // Asked anew each time: a program may name its threads late.
  if (pthread_getname_np(pthread_self(), thread_name, sizeof thread_name) != 0) return "thread";
  return thread_name;
}

}  // namespace csp
