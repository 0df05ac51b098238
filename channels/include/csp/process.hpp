// SPDX-License-Identifier: Apache-2.0
//
// Process: a named operating-system thread that runs one function; Go's `go` statement, with an
// owner. The name is seen in `ps -T`, in a debugger and in traces (the system keeps 15 characters
// of it). The owner joins it, at the latest by destroying it, so a process never outlives what it
// refers to; an exception that leaves the function is kept and rethrown by join.
//
// A thread whose function has ended is kept, up to 32 of them, and serves a later process; `ps -T`
// shows it as "csp parked". So the thread a function runs on may have run others: it finds its own
// name and its starter's signal mask and processors, but thread_local objects as the last function
// left them, and they are destroyed with the thread, not at the join; at the program's end those of
// kept threads are not destroyed at all. What must end with the function belongs into the function,
// which ends by returning or throwing: pthread_exit and pthread_cancel end the program.
//
// What else a new thread inherits (a seccomp filter, no_new_privs, capabilities, the nice value) a
// kept one has from the thread that started it first. A program that confines itself does so before
// its first process starts.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace csp {

namespace detail {

/// What a process runs. Destroyed when it has run, by the process itself.
struct Runnable {
  virtual ~Runnable() = default;
  virtual void run() = 0;
};

/// A copy of it, which is what is kept, can be called.
template <class F>
concept Startable = requires(std::decay_t<F>& copy) {
  std::invoke(copy);
};

}  // namespace detail

class Process {
 public:
  /// No process.
  Process() noexcept;

  /// Starts `function` on a thread of its own. Throws std::system_error when the system has no
  /// thread to give.
  template <detail::Startable F>
  Process(std::string_view name, F&& function) {
    start(name, std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(function)));
  }

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;  // joins what it held

  /// Joins; an exception that nobody joined for is dropped. In the process itself: std::terminate.
  ~Process();

  /// Blocks until the function has returned, then rethrows what it threw. Does nothing when there
  /// is no process (any more). Throws Misuse in the process itself, which would wait for ever.
  /// Thread-bound: one thread at a time may call it.
  void join();

  bool joinable() const noexcept { return state_ != nullptr; }

  /// The name of the process that calls this, or of its thread where there is none. Valid until the
  /// thread asks again or is renamed, or the process ends. Thread-safe.
  static std::string_view current_name() noexcept;

 private:
  template <class F>
  struct Body final : detail::Runnable {
    template <class G>
    explicit Body(G&& g) : function(std::forward<G>(g)) {}
    void run() override { std::invoke(function); }
    F function;
  };
  struct State;

  void start(std::string_view name, std::unique_ptr<detail::Runnable> body);
  void await_end();

  std::shared_ptr<State> state_;  // shared with nobody; State is incomplete here
};

}  // namespace csp
