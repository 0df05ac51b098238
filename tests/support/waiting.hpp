// SPDX-License-Identifier: Apache-2.0
//
// Waits for an event instead of sleeping: "a sender waits on this channel", "this flag is set". A
// test that needs a parked peer first calls one of these functions, and what it then observes does
// not depend on the speed of the machine. They poll; if the event never comes, the watchdog ends
// the case. Between polls they yield at first and then sleep for an instant, since on a busy
// machine a thread that yields runs after all others, and a thread that wakes runs before them.
//
// The counts come from the core's debug hooks, so this header is for tests alone.
#pragma once

#include <chrono>
#include <csp/channel.hpp>
#include <cstddef>
#include <thread>

#include "core/channel.hpp"

namespace support {

template <class Condition>
void wait_until(Condition condition) {
  for (unsigned looks = 0; !condition(); ++looks) {
    if (looks < 20) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }
}

inline std::size_t waiting_senders(const csp::detail::Handle& channel) {
  return channel.core()->waiting_senders();
}
inline std::size_t waiting_receivers(const csp::detail::Handle& channel) {
  return channel.core()->waiting_receivers();
}
inline bool holds_invariants(const csp::detail::Handle& channel) {
  return channel.core()->holds_invariants();
}

/// Waits until `count` cases wait on that side of the channel; a plain operation is one case.
inline void wait_for_senders(const csp::detail::Handle& channel, std::size_t count) {
  wait_until([&] { return waiting_senders(channel) == count; });
}
inline void wait_for_receivers(const csp::detail::Handle& channel, std::size_t count) {
  wait_until([&] { return waiting_receivers(channel) == count; });
}

/// True if no operation waits on either side.
inline bool nobody_waits(const csp::detail::Handle& channel) {
  return waiting_senders(channel) == 0 && waiting_receivers(channel) == 0;
}

}  // namespace support
