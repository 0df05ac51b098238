// SPDX-License-Identifier: Apache-2.0
//
// Waiting for an operation to be published: the one place in the library where a thread sleeps for
// a message. seam/signal.hpp shows why no wake-up can be lost.
#include "core/operation.hpp"

#include "core/blocked.hpp"

namespace csp::detail {

std::size_t Operation::wait(Clock::time_point deadline, std::uint32_t at_deadline,
                            std::span<const QueuedCase> cases) {
  signal_.linger();
  if (signal_.announce_sleep()) {
    const Blocked listed(*this, cases);
    while (!signal_.published()) {
      if (signal_.sleep(deadline)) continue;
      if (claim(at_deadline)) break;  // no other party can claim or publish any more
      deadline = kNever;              // another party claimed first and is about to publish
    }
  }
  return claimed_.load(std::memory_order_relaxed) - 1;
}

}  // namespace csp::detail
