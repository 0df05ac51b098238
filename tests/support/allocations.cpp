// SPDX-License-Identifier: Apache-2.0
//
// The counts and failures of allocations.hpp. The per-thread counts are trivial thread_locals, so
// they count until the very end of a thread, including its last destructors. All forms of operator
// new and delete that a program may replace end in take() and give().
#include "allocations.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace support {
namespace {

thread_local Allocations here;
thread_local std::size_t failing = 0;
thread_local std::size_t good = 0;                          // allocations that still succeed first
constinit std::atomic<const Allocations*> spared{nullptr};  // the one thread that is exempt
constinit std::atomic<std::size_t> made{0};
constinit std::atomic<std::size_t> freed{0};
constinit std::atomic<std::size_t> bytes_made{0};

void* take(std::size_t size, std::size_t alignment) {
  if (failing > 0 && good == 0) {
    --failing;
    throw std::bad_alloc();
  }
  if (good > 0) --good;
  const Allocations* spare = spared.load(std::memory_order_relaxed);
  if (spare && spare != &here && spared.compare_exchange_strong(spare, nullptr)) {
    throw std::bad_alloc();
  }
  if (size > kLargest) throw std::bad_alloc();
  void* memory = nullptr;
  const std::size_t wanted = std::max<std::size_t>(size, 1);
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    memory = std::malloc(wanted);
  } else if (posix_memalign(&memory, alignment, wanted) != 0) {
    memory = nullptr;
  }
  if (!memory) throw std::bad_alloc();
  ++here.made;
  here.bytes_made += size;
  made.fetch_add(1, std::memory_order_relaxed);
  bytes_made.fetch_add(size, std::memory_order_relaxed);
  return memory;
}

void give(void* memory) {
  if (!memory) return;
  ++here.freed;
  freed.fetch_add(1, std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

Allocations allocations_here() { return here; }
Allocations allocations_everywhere() { return {made.load(), freed.load(), bytes_made.load()}; }
void fail_next(std::size_t count) {
  good = 0;
  failing = count;
}
void fail_after(std::size_t count) {
  good = count;
  failing = 1;
}
void fail_next_elsewhere() { spared.store(&here); }

}  // namespace support

void* operator new(std::size_t size) {
  return support::take(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return support::take(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { support::give(memory); }
void operator delete(void* memory, std::size_t) noexcept { support::give(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { support::give(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  support::give(memory);
}
