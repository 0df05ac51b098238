// SPDX-License-Identifier: Apache-2.0
//
// Mapping: a large piece of address space, whose memory the system commits as it is written.
//
// To commit is most of what filling costs: 64 MiB took 43 ms in pages of 4 KiB, 7 to 15 ms in huge
// ones, and 5.5 ms, which is the copy alone, where the memory had been committed before. So the
// advice is for huge pages, and the last mapping to end is kept, if it is none of the largest, and
// is the next one. What is in it nobody sees: a reader is shown what was filled, and no more.
//
// The first 2 MiB are left in small pages, so that a short stream in a large buffer commits what it
// uses. A spare's memory is the system's to take back whenever it is short of it (MADV_FREE).
#pragma once

#include <cstddef>
#include <memory>

namespace asyncstream::detail {

class Mapping {
 public:
  /// What is kept as a spare: a block of Arvados' Keep, for which the reference's streams are made.
  static constexpr std::size_t kLargestSpare = std::size_t{64} << 20;

  /// At least so many bytes from begin() on; the spare mapping, where it will do. The last owner's
  /// end makes it the spare. Throws std::bad_alloc.
  static std::shared_ptr<Mapping> reserve(std::size_t size);

  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  std::byte* begin() const noexcept { return begin_; }

 private:
  explicit Mapping(std::size_t size);

  std::size_t size_;
  std::byte* begin_;
  void* mapped_;
};

}  // namespace asyncstream::detail
