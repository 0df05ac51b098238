// SPDX-License-Identifier: Apache-2.0
//
// Opening, writing, finishing; see attempt.hpp.
#include "tee/attempt.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "csp/describe.hpp"
#include "tee/files.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

std::size_t largest_write(int fd) {
  struct stat status {};
  const bool waits = fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
  return waits && !(fcntl(fd, F_GETFL) & O_NONBLOCK) ? PIPE_BUF : SSIZE_MAX;
}

}  // namespace

Ending Attempt::run(std::uint32_t sink, std::uint32_t number) {
  const auto begin = std::chrono::steady_clock::now();
  if (open()) {
    around_.lookout.watch(sink, number, out_, gone_);
    deliver();
  }
  finish();
  ending_.kind = *kind_;
  if (kind_ == Kind::failed) {
    ending_.complaint += " after " + std::to_string(ending_.bytes) + " bytes";
  }
  ending_.time = std::chrono::steady_clock::now() - begin;
  return ending_;
}

/// A FIFO whose reader is not there yet is asked again and again. False: it was not opened, and why
/// is decided.
bool Attempt::open() {
  using Clock = std::chrono::steady_clock;
  constexpr int kMillisecondsBetweenLooks = 10;
  std::optional<Clock::time_point> since;  // there have been bytes for it
  while (true) {
    try {
      Opening opening = target_.open();
      fd_ = std::move(opening.fd);
      if (opening.command) command_.emplace(std::move(*opening.command));
    } catch (const std::system_error& error) {
      fail(error.code());
      return false;
    }
    out_ = command_ ? command_->pipe().get() : fd_.get();
    if (out_ >= 0) break;

    pollfd interrupted{around_.interruption.fd(), POLLIN, 0};
    if (poll(&interrupted, 1, kMillisecondsBetweenLooks) > 0) {
      kind_ = Kind::interrupted;
    } else if (around_.feed.is_broken()) {
      kind_ = Kind::cut_off;
    } else if (around_.plan.sink_timeout && around_.feed.position() > 0) {
      if (!since) since = Clock::now();
      if (Clock::now() - *since >= *around_.plan.sink_timeout) {
        fail("had no reader for " + plain_time(*around_.plan.sink_timeout));
      }
    }
    if (kind_) return false;
  }
  step_ = largest_write(out_);
  return true;
}

void Attempt::deliver() {
  while (!kind_ && !left_) {
    const View next = tap_.next(gone_.get_token());
    if (next.error) {
      take(next.error);
    } else {
      write(next.bytes);
    }
  }
}

void Attempt::take(std::error_code end) {
  if (end == errc::eof) {
    kind_ = Kind::complete;
  } else if (end != errc::cancelled) {
    kind_ = Kind::cut_off;
  } else if (gone_.stop_requested() && !around_.interruption.has_come()) {
    lose_reader();
  } else {
    kind_ = Kind::interrupted;
  }
}

/// Nobody reads any more, and there is nothing to be read. A command's exit status says whether
/// that was an error; of others the source does: it is none if nothing comes any more.
void Attempt::lose_reader() {
  left_ = true;
  if (command_) return;
  (void)fd_.close();  // a next reader would begin in the middle
  if (around_.plan.tolerant) {
    kind_ = Kind::satisfied;
    return;
  }
  reports_.deserted();
  const View next = tap_.next({});
  if (next.error == errc::eof) {
    kind_ = Kind::complete;
  } else if (around_.interruption.has_come()) {
    kind_ = Kind::interrupted;
  } else if (!next.error || next.error == errc::cancelled) {
    fail("stopped reading");
  } else {
    kind_ = Kind::cut_off;
  }
}

int Attempt::patience() const {
  return around_.plan.sink_timeout ? static_cast<int>(around_.plan.sink_timeout->count()) : -1;
}

/// False: there will be none, and why is decided.
bool Attempt::wait_for_room() {
  std::array<pollfd, 2> fds{{{out_, POLLOUT, 0}, {around_.interruption.fd(), POLLIN, 0}}};
  int ready = 0;
  while ((ready = poll(fds.data(), fds.size(), patience())) < 0 && errno == EINTR) continue;
  if (fds[1].revents != 0) {
    kind_ = Kind::interrupted;
  } else if (ready == 0) {
    fail("took nothing for " + plain_time(*around_.plan.sink_timeout));
  }
  return !kind_;
}

void Attempt::write(std::span<const std::byte> bytes) {
  while (!bytes.empty() && !kind_ && !left_ && wait_for_room()) {
    const ssize_t n = ::write(out_, bytes.data(), std::min(bytes.size(), step_));
    if (n >= 0) {
      const std::span<const std::byte> written = bytes.first(static_cast<std::size_t>(n));
      if (around_.plan.digest) ending_.crc32 = csp::crc32(written, ending_.crc32);
      bytes = bytes.subspan(written.size());
      ending_.bytes += written.size();
      reports_.bytes(ending_.bytes);
    } else if (errno == EPIPE) {
      leave();
    } else if (errno != EINTR && errno != EAGAIN) {
      fail(last_error());
    }
  }
}

/// With a time-out, what is written counts as taken when it has left the pipe; the end of input
/// comes after that. A pipe cannot be waited for to become empty, so it is asked again and again.
void Attempt::wait_until_taken() {
  using Clock = std::chrono::steady_clock;
  constexpr int kMillisecondsBetweenLooks = 10;
  struct stat status {};
  if (!around_.plan.sink_timeout || fstat(out_, &status) != 0 || !S_ISFIFO(status.st_mode)) return;
  Clock::time_point since = Clock::now();
  int before = 0;
  for (int left = 0; ioctl(out_, FIONREAD, &left) == 0 && left > 0; before = left) {
    if (left != before) since = Clock::now();
    if (Clock::now() - since >= *around_.plan.sink_timeout) {
      fail("took nothing for " + plain_time(*around_.plan.sink_timeout));
      return;
    }
    std::array<pollfd, 2> fds{{{out_, 0, 0}, {around_.interruption.fd(), POLLIN, 0}}};
    (void)poll(fds.data(), fds.size(), kMillisecondsBetweenLooks);
    if (fds[1].revents != 0) return;  // a signal came
    if (fds[0].revents != 0) {        // its reader has gone, and has not taken what is left
      kind_.reset();
      leave();
      return;
    }
  }
}

/// Nobody reads any more, though there are bytes. A command's exit status says whether that was an
/// error.
void Attempt::leave() {
  left_ = true;
  if (command_) return;
  if (around_.plan.tolerant) {
    kind_ = Kind::satisfied;
  } else {
    fail("stopped reading");
  }
}

void Attempt::fail(const std::string& why) {
  ending_.complaint = why;
  kind_ = Kind::failed;
}

void Attempt::finish() {
  if (kind_ == Kind::complete && !left_) wait_until_taken();
  if (kind_ == Kind::complete && around_.interruption.has_come()) kind_ = Kind::interrupted;
  if (command_) {
    finish_command();
    return;
  }
  const bool complete = kind_ == Kind::complete;
  std::error_code error;
  if (complete && fd_ && around_.plan.sync) error = sync_file(fd_.get());
  if (const std::error_code closing = fd_.close(); !error) error = closing;
  if (complete && !error) error = target_.keep();
  if (complete && error) fail(error);
}

void Attempt::finish_command() {
  const bool may_see_the_end = kind_ == Kind::complete || left_;
  if (may_see_the_end) {
    (void)command_->pipe().close();
    const std::optional<int> status = command_->wait(around_.interruption.fd());
    // Ctrl-C goes to it and to us; it may have ended first, but then ours has come too.
    if (!status || around_.interruption.has_come()) {
      kind_ = Kind::interrupted;
    } else if (*status != 0) {
      fail(complaint_about(*status));
    } else {
      kind_ = left_ ? Kind::satisfied : Kind::complete;
    }
  }
  command_->end();
}

}  // namespace asyncstream::tools::tee
