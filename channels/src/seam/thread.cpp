// SPDX-License-Identifier: Apache-2.0
//
// Threads from a cache. Creating a thread costs more than waking one, and a stream needs three; so
// a thread whose body has ended parks itself, asleep on a word of its own, and the next Thread
// wakes it. Up to kMostParked threads are kept; a thread that finds the cache full ends. Parked
// threads sleep without a timer and use no processor time (C51).
//
// A Thread hands its work over through one signal, the parked thread's `called`, and learns of the
// end through another, its own `ended_`; once that is published the Thread may be destroyed. A
// thread parks before it publishes the end. A thread that has joined it therefore finds it in the
// cache, and a program that repeatedly starts and joins processes needs only as many threads as it
// has processes at one time.
//
// A body finds the name, signal mask and processor affinity that a new thread would have. Anything
// else that a body changes about its thread stays with the thread (csp/process.hpp).
//
// Parked threads are detached and the cache is constant-initialised, so nothing runs at the
// program's end (C48). A child of fork has none of the threads, so its cache is emptied (C49).
#include <pthread.h>
#include <sched.h>

#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>

#include "seam/thread.hpp"

namespace csp::detail::seam {
namespace {

/// What a new thread inherits from the thread that starts it.
struct Inherited {
  static Inherited here() {
    Inherited now{};
    pthread_sigmask(SIG_BLOCK, nullptr, &now.signals);
    sched_getaffinity(0, sizeof now.processors, &now.processors);
    return now;
  }

  void adopt() const {
    pthread_sigmask(SIG_SETMASK, &signals, nullptr);
    sched_setaffinity(0, sizeof processors, &processors);
  }

  sigset_t signals;
  cpu_set_t processors;
};

/// The record of a parked thread, on that thread's own stack.
struct Parked {
  Signal called;  // published when work and inherited are set
  Thread* work = nullptr;
  Inherited inherited{};
  Parked* next = nullptr;
};

struct Cache {
  bool park(Parked* parked) {
    std::lock_guard locked(mutex);
    if (count == kMostParked) return false;
    ++count;
    parked->next = std::exchange(first, parked);
    return true;
  }

  Parked* take() {
    std::lock_guard locked(mutex);
    Parked* const parked = first;
    if (!parked) return nullptr;
    --count;
    return std::exchange(first, parked->next);
  }

  std::mutex mutex;
  Parked* first = nullptr;  // the most recently parked thread: its stack is warm
  std::size_t count = 0;
};
constinit Cache cache;

// Held across fork, so that the child's copy is consistent.
[[maybe_unused]] const int kForkHandlers =
    pthread_atfork([] { cache.mutex.lock(); }, [] { cache.mutex.unlock(); },
                   [] {
                     cache.first = nullptr;
                     cache.count = 0;
                     cache.mutex.unlock();
                   });

}  // namespace

void* Thread::run_and_park(void* first) {
  Thread* work = static_cast<Thread*>(first);
  Parked parked;
  while (true) {
    pthread_setname_np(pthread_self(), work->name_.c_str());
    work->body_();
    sigset_t all;
    sigfillset(&all);  // signals go to threads that run a body
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const bool stays = cache.park(&parked);
    work->ended_.publish();
    if (!stays) return nullptr;
    pthread_setname_np(pthread_self(), kParkedName);
    parked.called.wait();
    parked.called.reset();  // the next publisher finds this record under the cache's mutex
    work = parked.work;
    parked.inherited.adopt();
  }
}

Thread::Thread(const std::string& name, std::function<void()> body)
    : name_(name.substr(0, 15)), body_(std::move(body)) {
  if (Parked* const parked = cache.take()) {
    parked->work = this;
    parked->inherited = Inherited::here();
    parked->called.publish();
    return;
  }
  pthread_t thread{};
  const int error = pthread_create(&thread, nullptr, &Thread::run_and_park, this);
  if (error != 0)
    throw std::system_error(error, std::generic_category(), "csp: cannot start a thread");
  pthread_detach(thread);
}

void Thread::join() { ended_.wait(); }

}  // namespace csp::detail::seam
