// SPDX-License-Identifier: Apache-2.0
//
// Catching signals in a signalfd; see interruption.hpp.
#include "tee/interruption.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>

namespace asyncstream::tools::tee {
namespace {

bool is_ignored(int number) {
  struct sigaction action {};
  sigaction(number, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

}  // namespace

Interruption::Interruption() {
  sigemptyset(&inheritance_.by_default);
  sigaddset(&inheritance_.by_default, SIGPIPE);
  if (!is_ignored(SIGXFSZ)) sigaddset(&inheritance_.by_default, SIGXFSZ);
  std::signal(SIGPIPE, SIG_IGN);  // a broken pipe is an error of one sink
  std::signal(SIGXFSZ, SIG_IGN);  // and so is a file's size limit
  std::signal(SIGCHLD, SIG_DFL);  // ignored, nobody would know how a command has ended

  sigset_t caught;
  sigemptyset(&caught);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!is_ignored(number)) sigaddset(&caught, number);
  }
  sigset_t blocked = caught;
  sigaddset(&blocked, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &blocked, &inheritance_.mask);
  signals_ = Descriptor(signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
  raised_ = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!signals_ || !raised_) throw std::system_error(last_error(), "cannot catch signals");
}

bool Interruption::has_come() const noexcept {
  // The kernel holds the list of processes while it sends a signal to a group. This call, which
  // changes nothing, has to lock that list too: so the signal that has ended the source has arrived
  // here too when it returns.
  (void)setpgid(0, getpgrp());
  std::array<pollfd, 2> fds{{{signals_.get(), POLLIN, 0}, {raised_.get(), POLLIN, 0}}};
  return poll(fds.data(), fds.size(), 0) > 0;
}

void Interruption::accept() noexcept {
  // First: taken and not yet raised, it would not have come for a moment.
  eventfd_write(raised_.get(), 1);
  // Any more of them that have come would take effect now.
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (number_ == 0) number_ = static_cast<int>(info.ssi_signo);
  }
  sigset_t mask = inheritance_.mask;
  sigaddset(&mask, SIGTTOU);
  pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

}  // namespace asyncstream::tools::tee
