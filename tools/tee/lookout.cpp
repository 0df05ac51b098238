// SPDX-License-Identifier: Apache-2.0
//
// Watching by epoll; see lookout.hpp. A descriptor is added with no event asked for, which leaves
// those that are always told: an error, as a pipe without a reader is one, and a hang-up. What it
// is for travels in a channel before it, so that it is known when the event comes.
#include "tee/lookout.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace asyncstream::tools::tee {
namespace {

constexpr std::uint64_t kSignal = UINT64_MAX;
constexpr std::uint64_t kNewcomer = UINT64_MAX - 1;

int add(int epoll, int fd, std::uint32_t events, std::uint64_t id) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

}  // namespace

Lookout::Lookout(const Interruption& interruption)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), newcomer_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!epoll_ || !newcomer_ || add(epoll_.get(), newcomer_.get(), EPOLLIN, kNewcomer) != 0 ||
      add(epoll_.get(), interruption.signals(), EPOLLIN | EPOLLONESHOT, kSignal) != 0) {
    throw std::system_error(last_error(), "cannot watch the sinks");
  }
  process_ = csp::Process("lookout", [this] { run(); });
}

Lookout::~Lookout() {
  (void)over_.close();
  eventfd_write(newcomer_.get(), 1);
  process_.join();
}

void Lookout::watch(std::uint32_t sink, std::uint32_t number, int fd, std::stop_source gone) const {
  eventfd_write(newcomer_.get(), 1);  // before the channel, which may be full
  (void)newcomers_.send({sink, number, std::move(gone)});
  // A regular file cannot be added, and nobody can leave it.
  (void)add(epoll_.get(), fd, EPOLLONESHOT, std::uint64_t{sink} << 32 | number);
}

void Lookout::take_newcomers() {
  while (csp::Received<Watched> next = newcomers_.try_receive()) {
    watched_.insert_or_assign(next.value->sink, *next.value);
  }
}

void Lookout::run() {
  std::array<epoll_event, 16> events{};
  while (over_.try_receive().outcome != csp::Outcome::closed) {
    const int count = epoll_wait(epoll_.get(), events.data(), events.size(), -1);
    eventfd_t ignored = 0;
    (void)eventfd_read(newcomer_.get(), &ignored);
    take_newcomers();
    for (int i = 0; i < count; ++i) {
      const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
      if (id == kSignal) (void)signalled_.try_send();
      const auto found = watched_.find(static_cast<std::uint32_t>(id >> 32));
      if (found == watched_.end()) continue;
      if (found->second.number == static_cast<std::uint32_t>(id)) {
        (void)found->second.gone.request_stop();
      }
    }
  }
}

}  // namespace asyncstream::tools::tee
