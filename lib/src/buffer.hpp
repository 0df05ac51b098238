// SPDX-License-Identifier: Apache-2.0
//
// Buffer: the memory that holds a stream. Address space is reserved at once, and memory, all zeros,
// is committed as the source fills it (Q36): a stream of unknown length can have a large buffer and
// pay for what it uses (A21). It never moves, so slices of it stay valid (A19). A buffer over
// borrowed or adopted bytes has the same face and is full from the start.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace asyncstream::detail {

class Buffer {
 public:
  /// Throws std::bad_alloc when the address space or the system's limits do not allow it.
  static Buffer reserve(std::size_t size);
  static Buffer adopt(std::vector<std::byte> bytes);
  static Buffer borrow(std::span<const std::byte> bytes);

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// To be filled, by readIntoBuffer alone; empty for adopted and borrowed bytes.
  std::span<std::byte> room() const noexcept { return room_; }

 private:
  std::span<const std::byte> bytes_;
  std::span<std::byte> room_;
  std::shared_ptr<void> owner_;
};

}  // namespace asyncstream::detail
