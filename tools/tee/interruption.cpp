// SPDX-License-Identifier: Apache-2.0
//
// Catching SIGINT and SIGTERM in a signalfd; see interruption.hpp.
#include "tee/interruption.hpp"

#include <sys/signalfd.h>

namespace asyncstream::tools::tee {

Interruption::Interruption() {
  sigset_t caught;
  sigemptyset(&caught);
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&caught, number);
  }
  pthread_sigmask(SIG_BLOCK, &caught, &before_);
  fd_ = Descriptor(signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw std::system_error(last_error(), "cannot catch signals");
}

int Interruption::take() noexcept {
  signalfd_siginfo info{};
  return read(fd(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace asyncstream::tools::tee
