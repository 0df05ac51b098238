// SPDX-License-Identifier: Apache-2.0
//
// Counts what passes through operator new and delete, in this thread and in the whole program, so
// that a test can say "this allocates nothing" (C55) and "this is given back" (C54). It works under
// sanitizers too, since the replaced operators take their memory from malloc, which those watch. A
// request beyond kLargest throws std::bad_alloc without asking malloc, as any machine would answer.
//
// fail_next() and its like make allocations throw, to see that a failure leaves nothing behind
// (C44).
#pragma once

#include <cstddef>

namespace support {

struct Allocations {
  std::size_t made = 0;
  std::size_t freed = 0;
  std::size_t bytes_made = 0;  // as asked for

  friend Allocations operator-(const Allocations& a, const Allocations& b) {
    return {a.made - b.made, a.freed - b.freed, a.bytes_made - b.bytes_made};
  }
};

/// By the calling thread, since it began.
Allocations allocations_here();

/// By all threads, since the program began.
Allocations allocations_everywhere();

inline constexpr std::size_t kLargest = std::size_t{1} << 40;

/// The next `count` allocations of the calling thread throw std::bad_alloc.
void fail_next(std::size_t count);

/// After `count` more, one of the calling thread's throws.
void fail_after(std::size_t count);

/// The next allocation of a thread other than the caller throws.
void fail_next_elsewhere();

}  // namespace support
