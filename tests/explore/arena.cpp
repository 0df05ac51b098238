// SPDX-License-Identifier: Apache-2.0
//
// The arena, and the replacements of operator new and delete that use it. A block begins with its
// size, so that it can be overwritten when it is freed.
#include "explore/arena.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>

namespace explore::arena {
namespace {

constexpr std::size_t kSize = std::size_t{8} << 20;
alignas(4096) std::byte memory[kSize];
std::size_t used = 0;
bool on = false;

struct Header {
  std::size_t size;
};

void* take(std::size_t size, std::size_t alignment) {
  std::size_t at = used + sizeof(Header);
  at = (at + alignment - 1) & ~(alignment - 1);
  if (at + size > kSize) {
    std::fputs("explore: a run needs more memory than the arena has; enlarge kSize\n", stderr);
    std::abort();
  }
  used = at + size;
  reinterpret_cast<Header*>(memory + at)[-1].size = size;
  return memory + at;
}

void* allocate(std::size_t size, std::size_t alignment) {
  if (alignment < alignof(std::max_align_t)) alignment = alignof(std::max_align_t);
  if (on) return take(size, alignment);
  void* const p = std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
  if (!p && size != 0) throw std::bad_alloc();
  return p;
}

void release(void* p) noexcept {
  std::byte* const b = static_cast<std::byte*>(p);
  if (b < memory || b >= memory + kSize) {
    std::free(p);
  } else if (on) {  // else a block of an earlier run, freed by a run that replaces it
    std::memset(p, 0xdd, static_cast<Header*>(p)[-1].size);
  }
}

}  // namespace

void reset() {
  used = 0;
  on = false;
}
void set(bool to) { on = to; }
Scope::Scope(bool to) : before_(on) { on = to; }
Scope::~Scope() { on = before_; }

}  // namespace explore::arena

using explore::arena::allocate;
using explore::arena::release;

void* operator new(std::size_t size) { return allocate(size, 0); }
void* operator new[](std::size_t size) { return allocate(size, 0); }
void* operator new(std::size_t size, std::align_val_t a) { return allocate(size, std::size_t(a)); }
void* operator new[](std::size_t s, std::align_val_t a) { return allocate(s, std::size_t(a)); }
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { release(p); }
