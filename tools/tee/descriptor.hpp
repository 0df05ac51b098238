// SPDX-License-Identifier: Apache-2.0
//
// Descriptor: an open file descriptor that is closed with its owner. close() reports what
// only closing reveals, such as a full disk behind a network.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace asyncstream::tools::tee {

inline std::error_code last_error() { return {errno, std::generic_category()}; }

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      (void)close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { (void)close(); }

  int get() const noexcept { return fd_; }
  int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  std::error_code close() noexcept {
    if (fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0) return {};
    return last_error();
  }

 private:
  int fd_;
};

}  // namespace asyncstream::tools::tee
