// SPDX-License-Identifier: Apache-2.0
//
// One sink: writing to it, and finding out how it went; see outlet.hpp.
#include "tee/outlet.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>

#include "csp/describe.hpp"

namespace asyncstream::tools::tee {
namespace {

std::size_t largest_write(int fd) {
  struct stat status {};
  const bool waits = fstat(fd, &status) != 0 || !S_ISREG(status.st_mode);
  return waits && !(fcntl(fd, F_GETFL) & O_NONBLOCK) ? PIPE_BUF : SSIZE_MAX;
}

}  // namespace

Outlet::Outlet(std::string name, Descriptor fd, std::optional<Command> command,
               const Interruption& interruption, bool digest)
    : name_(std::move(name)),
      fd_(std::move(fd)),
      command_(std::move(command)),
      interruption_(interruption),
      digest_(digest),
      step_(largest_write(fd_.get())) {}

/// False: interrupted.
bool Outlet::wait_for_room() {
  std::array<pollfd, 2> fds{{{fd_.get(), POLLOUT, 0}, {interruption_.fd(), POLLIN, 0}}};
  while (poll(fds.data(), fds.size(), -1) < 0) {
    if (errno != EINTR) break;  // the write will tell
  }
  return fds[1].revents == 0;
}

IoResult Outlet::write(std::span<const std::byte> bytes) {
  std::size_t done = 0;
  std::error_code error;
  while (done < bytes.size() && !error) {
    if (!wait_for_room()) {
      ending_ = Ending::interrupted;
      error = errc::cancelled;
      break;
    }
    const ssize_t n = ::write(fd_.get(), bytes.data() + done, std::min(bytes.size() - done, step_));
    if (n >= 0) {
      done += static_cast<std::size_t>(n);
    } else if (errno != EINTR && errno != EAGAIN) {
      error = last_error();
    }
  }
  if (digest_) crc32_ = csp::crc32(bytes.first(done), crc32_);
  written_.fetch_add(done, std::memory_order_relaxed);
  if (error && ending_ == Ending::running) {
    fail(error == std::errc::broken_pipe ? "stopped reading" : error.message());
  }
  return {done, error};
}

void Outlet::fail(const std::string& why) {
  if (ending_ == Ending::interrupted) return;
  complaint_ += (complaint_.empty() ? "" : ", ") + why;
  ending_ = Ending::failed;
}

void Outlet::deliver(StreamReader reader) noexcept {
  const auto begin = std::chrono::steady_clock::now();
  const IoResult result = reader.write_to(*this);
  finish(result.error);
  (void)reader.close();
  time_ = std::chrono::steady_clock::now() - begin;
}

void Outlet::finish(std::error_code stream_error) {
  if (ending_ == Ending::running && stream_error == errc::cancelled) ending_ = Ending::interrupted;
  if (command_ && ending_ == Ending::interrupted) command_->terminate();
  if (const std::error_code error = fd_.close(); error && complaint_.empty()) fail(error.message());
  if (command_ && ending_ != Ending::interrupted) {
    const std::optional<std::string> complaint = command_->wait(interruption_);
    if (!complaint) {
      ending_ = Ending::interrupted;
      command_->terminate();
    } else if (!complaint->empty()) {
      fail(*complaint);
    }
  }
  if (ending_ == Ending::failed) complaint_ += " after " + std::to_string(written()) + " bytes";
  if (ending_ == Ending::running) ending_ = stream_error ? Ending::cut_off : Ending::complete;
}

}  // namespace asyncstream::tools::tee
