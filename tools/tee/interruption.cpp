// SPDX-License-Identifier: Apache-2.0
//
// Catching signals in a signalfd; see interruption.hpp.
#include "tee/interruption.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <array>

namespace asyncstream::tools::tee {

Interruption::Interruption() {
  sigset_t caught;
  sigemptyset(&caught);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&caught, number);
  }
  pthread_sigmask(SIG_BLOCK, &caught, &before_);
  signals_ = Descriptor(signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
  raised_ = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!signals_ || !raised_) throw std::system_error(last_error(), "cannot catch signals");
}

bool Interruption::has_come() const noexcept {
  std::array<pollfd, 2> fds{{{signals_.get(), POLLIN, 0}, {raised_.get(), POLLIN, 0}}};
  return poll(fds.data(), fds.size(), 0) > 0;
}

/// One that has come; 0 if there is none.
int Interruption::take() noexcept {
  signalfd_siginfo info{};
  const bool taken = read(signals_.get(), &info, sizeof info) == sizeof info;
  return taken ? static_cast<int>(info.ssi_signo) : 0;
}

void Interruption::accept() noexcept {
  // First: taken and not yet raised, it would not have come for a moment.
  eventfd_write(raised_.get(), 1);
  number_ = take();
  end();
}

void Interruption::end() noexcept {
  while (take() != 0) continue;  // else they would take effect now
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace asyncstream::tools::tee
