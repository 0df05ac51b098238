// SPDX-License-Identifier: Apache-2.0
//
// File descriptors as source and sink. A read that may have to wait waits in poll(), for the
// descriptor and for an eventfd that a stop request writes to. So any stop request interrupts it at
// once, without signals. Regular files never wait and are read directly, except those that report a
// size of 0, since some of those in /proc do wait.
#include "asyncstream/fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

namespace asyncstream {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

bool would_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

FdSource::FdSource(int fd, Ownership ownership) : fd_(fd), ownership_(ownership), waits_(true) {
  struct stat status {};
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) waits_ = status.st_size == 0;
}

FdSource::~FdSource() {
  if (wake_up_ >= 0) ::close(wake_up_);
  if (ownership_ == Ownership::owned) ::close(fd_);
}

std::error_code FdSource::wait_readable(const std::stop_token& stop) {
  if (fd_ < 0) return {EBADF, std::generic_category()};  // poll would ignore it and wait
  if (wake_up_ < 0 && stop.stop_possible()) {
    wake_up_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake_up_ < 0) return last_error();
  }
  // The callback's destructor waits for a running call, so the eventfd is open during each call.
  const std::stop_callback wake(stop, [fd = wake_up_] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
  });
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {wake_up_, POLLIN, 0}}};  // -1 is ignored
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return last_error();
    if (fds[0].revents) return {};
    if (fds[1].revents) {  // this stop request, or an earlier token's: empty the eventfd
      std::uint64_t count = 0;
      [[maybe_unused]] const ssize_t emptied = ::read(wake_up_, &count, sizeof count);
    }
  }
  return errc::cancelled;
}

IoResult FdSource::read(std::span<std::byte> into, std::stop_token stop) {
  if (into.empty()) return {};  // read() would return 0, which looks like the end
  while (true) {
    if (waits_) {
      if (const std::error_code error = wait_readable(stop)) return {0, error};
    }
    const ssize_t n = ::read(fd_, into.data(), into.size());
    if (n > 0) return {static_cast<std::size_t>(n), {}};
    if (n == 0) return {0, errc::eof};
    if (errno != EINTR && !would_wait(errno)) return {0, last_error()};
  }
}

std::unique_ptr<Source> file_source(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::system_error(last_error(), "cannot read " + path.string());
  try {
    return std::make_unique<FdSource>(fd, Ownership::owned);
  } catch (...) {
    ::close(fd);
    throw;
  }
}

FdSink::FdSink(int fd, Ownership ownership) noexcept : fd_(fd), ownership_(ownership) {}

FdSink::~FdSink() { (void)close(); }

std::error_code FdSink::close() {
  if (ownership_ != Ownership::owned) return {};
  if (fd_ < 0) return errc::already_closed;
  // Another file may get the same number at the next moment.
  return ::close(std::exchange(fd_, -1)) == 0 ? std::error_code() : last_error();
}

IoResult FdSink::write(std::span<const std::byte> bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t n = ::write(fd_, bytes.data() + written, bytes.size() - written);
    if (n >= 0) {
      written += static_cast<std::size_t>(n);
    } else if (would_wait(errno)) {
      pollfd ready{fd_, POLLOUT, 0};
      if (poll(&ready, 1, -1) < 0 && errno != EINTR) return {written, last_error()};
    } else if (errno != EINTR) {
      return {written, last_error()};
    }
  }
  return {written, {}};
}

}  // namespace asyncstream
