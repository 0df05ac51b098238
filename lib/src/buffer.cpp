// SPDX-License-Identifier: Apache-2.0
//
// The memory of a stream (buffer.hpp). Small buffers come from the heap, where mapping would cost
// more than it saves; large ones are mapped, and those on disk are a Spill.
#include "buffer.hpp"

#include <utility>

#include "mapping.hpp"

namespace asyncstream::detail {

Buffer Buffer::reserve(std::size_t size) {
  constexpr std::size_t kMapFrom = 256 * 1024;
  Buffer buffer;
  if (size < kMapFrom) {
    // Zeroed, since a source may claim bytes that it has not written.
    const std::shared_ptr<std::byte[]> bytes(new std::byte[size]());
    buffer.room_ = {bytes.get(), size};
    buffer.owner_ = bytes;
  } else {
    const std::shared_ptr<std::byte> bytes = map_memory(size);
    buffer.room_ = {bytes.get(), size};
    buffer.owner_ = bytes;
  }
  buffer.bytes_ = buffer.room_;
  return buffer;
}

Buffer Buffer::spill(const std::string& folder, std::size_t size) {
  const auto spill = std::make_shared<Spill>(folder, size);
  Buffer buffer;
  buffer.room_ = spill->room();
  buffer.bytes_ = buffer.room_;
  buffer.spill_ = spill.get();
  buffer.owner_ = spill;
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
