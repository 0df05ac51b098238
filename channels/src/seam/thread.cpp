// SPDX-License-Identifier: Apache-2.0
//
// The seam's threads, from a cache. Making a thread costs more than waking one, and a stream needs
// three; so a thread whose body has ended parks itself, asleep on a word of its own, and the next
// Thread wakes it. kMostParked are kept; one that ends beyond that ends. They sleep without a timer
// and cost no processor (C51).
//
// The hand-over is one signal, the parked thread's `called`; the way back is one too, the Thread's
// `ended_`, and once that is published the Thread may be gone. A thread parks before it says
// so: one that has joined it finds it in the cache, and a program that starts and joins again and
// again does with as many threads as it has at once.
//
// A body finds what a new thread would have: the name, its starter's signal mask and processors.
// All else that a body changes of its thread stays with the thread (csp/process.hpp).
//
// Parked threads are detached and the cache is constant-initialised: nothing runs at the program's
// end (C48). A child of fork has none of the threads, and forgets them (C49).
#include <pthread.h>
#include <sched.h>

#include <csignal>
#include <mutex>
#include <system_error>
#include <utility>

#include "seam/thread.hpp"

namespace csp::detail::seam {
namespace {

/// What a new thread inherits.
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

/// A parked thread; on its own stack.
struct Parked {
  Signal called;  // work and inherited are set
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
  Parked* first = nullptr;  // the last one parked: its stack is warm
  std::size_t count = 0;
};
constinit Cache cache;

// Locked over a fork, so that it is copied while no thread changes it.
[[maybe_unused]] const int kMindsForks =
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
    sigfillset(&all);  // a signal is for a thread that is at work
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    const bool stays = cache.park(&parked);
    work->ended_.publish();
    if (!stays) return nullptr;
    pthread_setname_np(pthread_self(), kParkedName);
    parked.called.wait();
    parked.called.reset();  // the next starter finds this record under the cache's mutex
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
  if (error != 0) throw std::system_error(error, std::generic_category(), "csp: no thread");
  pthread_detach(thread);
}

void Thread::join() { ended_.wait(); }

}  // namespace csp::detail::seam
