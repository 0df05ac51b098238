// SPDX-License-Identifier: Apache-2.0
//
// Lookout: a process that watches what a thread that waits for the source cannot: whether a sink's
// reader has gone, and whether a signal has come. It waits in epoll_wait() and holds no descriptor
// of a sink: one that is closed is no longer watched.
#pragma once

#include <cstdint>
#include <map>
#include <stop_token>

#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "tee/descriptor.hpp"
#include "tee/interruption.hpp"

namespace asyncstream::tools::tee {

class Lookout {
 public:
  /// Throws std::system_error.
  explicit Lookout(const Interruption& interruption);
  ~Lookout();

  /// Requests `gone` to stop when nobody reads any more what is written to fd, a descriptor that
  /// this is about (not a file). Each call for one sink has a greater number. Thread-safe.
  void watch(std::uint32_t sink, std::uint32_t number, int fd, std::stop_source gone) const;

  /// Receives once, when a signal has come.
  csp::Receiver<void> signalled() const { return signalled_; }

 private:
  struct Watched {
    std::uint32_t sink;
    std::uint32_t number;
    std::stop_source gone;
  };

  void run();
  void take_newcomers();

  const Descriptor epoll_;
  const Descriptor newcomer_;  // an eventfd, readable when there is one in the channel
  const csp::Channel<Watched> newcomers_ = csp::Channel<Watched>::make("", 64);
  const csp::Channel<void> over_ = csp::Channel<void>::make("");
  const csp::Channel<void> signalled_ = csp::Channel<void>::make("", 1);
  std::map<std::uint32_t, Watched> watched_;  // the latest of each sink; the process's own
  csp::Process process_;
};

}  // namespace asyncstream::tools::tee
