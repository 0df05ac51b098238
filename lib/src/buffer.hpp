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
#include <string>
#include <system_error>
#include <vector>

#include "spill.hpp"

namespace asyncstream::detail {

class Buffer {
 public:
  /// Throws std::bad_alloc when the address space or the system's limits do not allow it.
  static Buffer reserve(std::size_t size);
  /// In a file in the folder; throws std::system_error when none can be made there.
  static Buffer spill(const std::string& folder, std::size_t size);
  static Buffer adopt(std::vector<std::byte> bytes);
  static Buffer borrow(std::span<const std::byte> bytes);

  std::span<const std::byte> bytes() const noexcept { return bytes_; }

  /// To be filled, by readIntoBuffer alone; empty for adopted and borrowed bytes.
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
