// SPDX-License-Identifier: Apache-2.0
//
// Process: runs one function on a named thread (csp/process.hpp). A process counts as alive from
// before its thread starts until its body has ended, so that "all processes are blocked" never
// overlooks one that is just starting.
#include "csp/process.hpp"

#include <exception>
#include <optional>
#include <string>

#include "core/blocked.hpp"
#include "core/current_process.hpp"
#include "core/traced.hpp"
#include "csp/outcome.hpp"
#include "process/failed.hpp"
#include "seam/thread.hpp"

namespace csp {

struct Process::State {
  State(std::string_view its_name, std::unique_ptr<detail::Runnable> its_body)
      : name(its_name), body(std::move(its_body)) {}

  void run() {
    detail::current_process = &name;
    try {
      body->run();
    } catch (...) {
      failed.add(name, std::current_exception());
    }
    body.reset();  // what the function captured is destroyed here, before join() returns
    detail::count_processes(-1);
    detail::current_process = nullptr;
  }

  const std::string name;
  std::unique_ptr<detail::Runnable> body;
  detail::Failed failed;
  std::optional<detail::seam::Thread> thread;
};

Process::Process() noexcept = default;
Process::Process(Process&& other) noexcept = default;

void Process::start(std::string_view name, std::unique_ptr<detail::Runnable> body) {
  state_ = std::make_shared<State>(name, std::move(body));
  detail::count_processes(+1);
  try {
    state_->thread.emplace(state_->name, [state = state_.get()] { state->run(); });
  } catch (...) {
    detail::count_processes(-1);
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

// Misuse that is thrown from a destructor ends the program, which would otherwise wait for ever.
void Process::await_end() {
  if (!state_) return;
  if (detail::current_process == &state_->name) {
    throw Misuse("csp: a process waits for its own end");
  }
  const detail::UnlimitedTrace unlimited;
  state_->thread->join();
}

void Process::join() {
  await_end();
  if (const std::shared_ptr<State> state = std::move(state_)) state->failed.rethrow();
}

std::string_view Process::current_name() noexcept { return detail::current_name(); }

}  // namespace csp
