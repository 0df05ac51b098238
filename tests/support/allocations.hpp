// SPDX-License-Identifier: Apache-2.0
//
// Counts the memory that operator new and delete handle, in this thread and in the whole program,
// so that a test can state "this allocates nothing" (C55) and "this is given back" (C54). It also
// works under sanitizers, since the replaced operators take their memory from malloc, which those
// watch. A request beyond kLargest throws std::bad_alloc without asking malloc, as any machine
// would answer.
//
// fail_next() and similar functions make allocations throw, to test that a failure leaves nothing
// behind (C44).
#pragma once

#include <cstddef>

namespace support {

struct Allocations {
  std::size_t made = 0;
  std::size_t freed = 0;
  std::size_t bytes_made = 0;  // as requested

  friend Allocations operator-(const Allocations& a, const Allocations& b) {
    return {a.made - b.made, a.freed - b.freed, a.bytes_made - b.bytes_made};
  }
};

/// By the calling thread, since it began.
Allocations allocations_here();

/// By all threads, since the program began.
Allocations allocations_everywhere();

inline constexpr std::size_t kLargest = std::size_t{1} << 40;

/// Makes the next `count` allocations of the calling thread throw std::bad_alloc.
void fail_next(std::size_t count);

/// Lets `count` more allocations of the calling thread succeed, and makes the next one throw.
void fail_after(std::size_t count);

/// Makes the next allocation of any thread except the caller throw.
void fail_next_elsewhere();

}  // namespace support
