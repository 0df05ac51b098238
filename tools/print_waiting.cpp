// SPDX-License-Identifier: Apache-2.0
//
// The signal's handler only posts a semaphore, since a handler may call almost nothing; a separate
// thread prints. The signal is caught, not blocked and waited for, because commands would inherit a
// blocked signal.
#include "print_waiting.hpp"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include <csp/waiting.hpp>
#include <iostream>
#include <thread>

namespace asyncstream::tools {
namespace {

sem_t asked;

}  // namespace

void print_waiting_on_signal() {
  struct sigaction action {};
  sigaction(SIGUSR1, nullptr, &action);
  if (action.sa_handler == SIG_IGN) return;
  sem_init(&asked, 0, 0);
  // The thread blocks all signals: one that other threads block must not be delivered to it and end
  // the program.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread([] {
    pthread_setname_np(pthread_self(), "print waiting");
    while (true) {
      if (sem_wait(&asked) == 0) std::cerr << csp::to_text(csp::waiting()) << std::flush;
    }
  }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  action.sa_handler = [](int) { sem_post(&asked); };
  action.sa_flags = SA_RESTART;
  sigaction(SIGUSR1, &action, nullptr);
}

}  // namespace asyncstream::tools
