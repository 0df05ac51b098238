// SPDX-License-Identifier: Apache-2.0
//
// map_memory(): reserves address space with mmap and advises the system to use huge pages; see
// mapping.hpp.
#include "mapping.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace asyncstream::detail {

std::shared_ptr<std::byte> map_memory(std::size_t size) {
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  if (size > PTRDIFF_MAX) throw std::bad_alloc();
  const std::size_t room = size + kHugePage;  // so that it can begin at a huge page's boundary
  void* const mapped = mmap(nullptr, room, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  std::size_t left = room;
  void* aligned = mapped;
  auto* const begin = static_cast<std::byte*>(std::align(kHugePage, size, aligned, left));
  // Advice only: a system without huge pages ignores it.
  if (size > kHugePage) madvise(begin + kHugePage, size - kHugePage, MADV_HUGEPAGE);
  const auto unmap = [mapped, room](std::byte*) { munmap(mapped, room); };
  // Without memory for its reference count, the constructor of shared_ptr calls `unmap`.
  return std::shared_ptr<std::byte>(begin, unmap);
}

}  // namespace asyncstream::detail
