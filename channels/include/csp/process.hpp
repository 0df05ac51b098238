// SPDX-License-Identifier: Apache-2.0
//
// Process: a named operating-system thread that runs one function; Go's `go` statement, with an
// owner.
//
//   csp::Process copier("copier", [&] { copy(from, to); });
//   copier.join();  // rethrows what copy() threw
//
// The name is shown by `ps -T`, by a debugger and in traces (the system keeps 15 characters of it).
// The owner joins the process, at the latest by destroying it, so a process never outlives what it
// refers to. An exception that leaves the function is kept and rethrown by join().
//
// A thread whose function has ended is kept, up to 32 of them, and serves a later process; `ps -T`
// shows it as "csp parked". So a function may run on a thread that has run others. It finds its own
// name, and its starter's signal mask and processor affinity; but thread_local objects are as the
// last function left them. They are destroyed with the thread, not at the join, and those of kept
// threads are not destroyed at the program's end. Whatever must end with the function belongs in
// the function. It ends by returning or throwing: pthread_exit and pthread_cancel end the program.
//
// A kept thread has everything else that a thread inherits (a seccomp filter, no_new_privs,
// capabilities, the nice value) from the thread that first started it. So a program that confines
// itself does so before its first process starts.
#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace csp {

namespace detail {

/// The function that a process runs. The process itself destroys it, once it has run.
struct Runnable {
  virtual ~Runnable() = default;
  virtual void run() = 0;
};

/// F can be copied or moved into the process and called there without arguments.
template <class F>
concept Startable = requires(std::decay_t<F>& copy) {
  std::invoke(copy);
};

}  // namespace detail

/// A process and the duty to join it. Movable; one thread at a time may use a Process object.
class Process {
 public:
  /// Holds no process.
  Process() noexcept;

  /// Starts `function` (a copy of it, or moved) on a thread of its own. The system shows the first
  /// 15 bytes of the name, a trace the first 47. Throws std::bad_alloc, and std::system_error if
  /// the system cannot start a thread.
  template <detail::Startable F>
  Process(std::string_view name, F&& function) {
    start(name, std::make_unique<Body<std::decay_t<F>>>(std::forward<F>(function)));
  }

  Process(Process&& other) noexcept;
  /// First joins the process that it held, as ~Process() does.
  Process& operator=(Process&& other) noexcept;

  /// Joins. An exception of the function that join() has not rethrown is dropped. A process that
  /// destroys its own Process object ends the program (std::terminate).
  ~Process();

  /// Blocks until the function has ended, then rethrows what it threw. Does nothing if this object
  /// holds no process, or no longer does. Throws Misuse if a process joins itself, which would
  /// deadlock. Thread-bound.
  void join();

  /// Whether this object holds a process that has not been joined.
  bool joinable() const noexcept { return state_ != nullptr; }

  /// The name of the calling process, or of the calling thread if it is not a process. Valid until
  /// the thread calls this again or is renamed, or the process ends. Thread-safe.
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

  std::shared_ptr<State> state_;  // not shared: a unique_ptr would need the complete State
};

}  // namespace csp
