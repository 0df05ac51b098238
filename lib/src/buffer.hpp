// SPDX-License-Identifier: Apache-2.0
//
// Buffer: the memory that holds a stream. A buffer of at least 256 KiB reserves only address space;
// its memory, all zeros, is committed as the source fills it (Q36). So a stream of unknown length
// can have a large buffer and pay only for what it uses (A21). The memory never moves, so slices of
// it stay valid (A19). A buffer over borrowed or adopted bytes has the same interface and is full
// from the start.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace asyncstream::detail {

class Buffer {
 public:
  /// An empty buffer of `size` bytes. Throws std::bad_alloc when the address space or the system's
  /// limits do not allow it.
  static Buffer reserve(std::size_t size);
  /// A full buffer that owns the bytes.
  static Buffer adopt(std::vector<std::byte> bytes);
  /// A full buffer over bytes that must outlive it.
  static Buffer borrow(std::span<const std::byte> bytes);

  /// All bytes of the buffer, filled or not.
  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// The bytes to fill, used by readIntoBuffer only; empty for adopted and borrowed bytes.
  std::span<std::byte> room() const noexcept { return room_; }

 private:
  std::span<const std::byte> bytes_;
  std::span<std::byte> room_;
  std::shared_ptr<void> owner_;
};

}  // namespace asyncstream::detail
