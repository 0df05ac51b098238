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
#include <string>
#include <system_error>
#include <vector>

#include "spill.hpp"

namespace asyncstream::detail {

class Buffer {
 public:
  /// An empty buffer of `size` bytes. Throws std::bad_alloc when the address space or the system's
  /// limits do not allow it.
  static Buffer reserve(std::size_t size);
  /// An empty buffer of `size` bytes in a file in the folder. Throws std::system_error when none
  /// can be made there.
  static Buffer spill(const std::string& folder, std::size_t size);
  /// A full buffer that owns the bytes.
  static Buffer adopt(std::vector<std::byte> bytes);
  /// A full buffer over bytes that must outlive it.
  static Buffer borrow(std::span<const std::byte> bytes);

  /// All bytes of the buffer, filled or not.
  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// The bytes to fill, used by readIntoBuffer only; empty for adopted and borrowed bytes.
  std::span<std::byte> room() const noexcept { return room_; }

  /// Has to succeed before anything below `end` is written. By readIntoBuffer alone.
  std::error_code make_room(std::size_t end) const {
    return spill_ ? spill_->allocate(end) : std::error_code();
  }

  /// Whether readers should say what they have passed, with passed().
  bool spills() const noexcept { return spill_ != nullptr; }
  void passed(std::size_t begin, std::size_t end) const noexcept { spill_->passed(begin, end); }

 private:
  std::span<const std::byte> bytes_;
  std::span<std::byte> room_;
  std::shared_ptr<void> owner_;
  Spill* spill_ = nullptr;  // the owner, if the bytes are in a file
};

}  // namespace asyncstream::detail
