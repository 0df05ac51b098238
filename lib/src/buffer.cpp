// SPDX-License-Identifier: Apache-2.0
//
// The memory of a stream; see buffer.hpp. Small buffers come from the heap, where a page more or
// less does not matter and mapping would cost more than it saves; large ones are mapped, without
// swap reserved for them, so that only pages that were written count.
//
// Filling a mapping costs most in the faults of its pages: 64 MiB took 140 ms in pages of 4 KiB, as
// much when populated ahead, and 25 ms in huge ones. The first 2 MiB are left in small pages, so
// that a short stream in a large buffer commits what it uses, and no more.
#include "buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <memory>
#include <new>
#include <utility>

namespace asyncstream::detail {

Buffer Buffer::reserve(std::size_t size) {
  constexpr std::size_t kMapFrom = 256 * 1024;
  constexpr std::size_t kHugePage = 2 * 1024 * 1024;
  Buffer buffer;
  void* begin = nullptr;
  if (size < kMapFrom) {
    buffer.owner_ = std::shared_ptr<std::byte[]>(new std::byte[size]);
    begin = buffer.owner_.get();
  } else {
    if (size > PTRDIFF_MAX) throw std::bad_alloc();
    std::size_t mapped = size + kHugePage;  // room to begin on a huge page's boundary
    void* memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    buffer.owner_ = std::shared_ptr<void>(memory, [mapped](void* all) { munmap(all, mapped); });
    begin = std::align(kHugePage, size, memory, mapped);
    // Only advice: where the system has no huge pages, all stays as it is.
    if (size > kHugePage) {
      madvise(static_cast<std::byte*>(begin) + kHugePage, size - kHugePage, MADV_HUGEPAGE);
    }
  }
  buffer.room_ = {static_cast<std::byte*>(begin), size};
  buffer.bytes_ = buffer.room_;
  return buffer;
}

Buffer Buffer::adopt(std::vector<std::byte> bytes) {
  Buffer buffer;
  auto owner = std::make_shared<std::vector<std::byte>>(std::move(bytes));
  buffer.bytes_ = *owner;
  buffer.owner_ = std::move(owner);
  return buffer;
}

Buffer Buffer::borrow(std::span<const std::byte> bytes) {
  Buffer buffer;
  buffer.bytes_ = bytes;
  return buffer;
}

}  // namespace asyncstream::detail
