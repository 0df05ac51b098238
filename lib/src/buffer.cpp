// SPDX-License-Identifier: Apache-2.0
//
// The memory of a stream; see buffer.hpp. Small buffers come from the heap, where a page more or
// less does not matter and mapping would cost more than it saves; large ones are mapped, without
// swap reserved for them, so that only pages that were written count.
#include "buffer.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>
#include <utility>

namespace asyncstream::detail {

Buffer Buffer::reserve(std::size_t size) {
  constexpr std::size_t kMapFrom = 256 * 1024;
  Buffer buffer;
  if (size < kMapFrom) {
    buffer.owner_ = std::shared_ptr<std::byte[]>(new std::byte[size]);
  } else {
    if (size > PTRDIFF_MAX) throw std::bad_alloc();
    void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    buffer.owner_ = std::shared_ptr<void>(memory, [size](void* mapped) { munmap(mapped, size); });
  }
  buffer.room_ = {static_cast<std::byte*>(buffer.owner_.get()), size};
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
