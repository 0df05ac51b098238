// SPDX-License-Identifier: Apache-2.0
//
// Spill: a buffer's bytes in a file that has no name, mapped; for what is larger than memory.
//
// The file's space is allocated before anything is written to it, in steps, so that a full disk is
// an error code and no SIGBUS. Pages are given back as they are passed: they leave this process,
// and the system writes them out and reads them in again as it sees fit.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <system_error>

namespace asyncstream::detail {

class Spill {
 public:
  /// Throws std::system_error that names the folder, std::bad_alloc.
  Spill(const std::string& folder, std::size_t size);
  ~Spill();
  Spill(const Spill&) = delete;
  Spill& operator=(const Spill&) = delete;

  std::span<std::byte> room() const noexcept { return room_; }

  /// Makes sure that all below `end` can be written. By the writer alone, which has then passed
  /// what is well below.
  std::error_code allocate(std::size_t end);

  /// The bytes between are not needed here soon. Thread-safe.
  void passed(std::size_t begin, std::size_t end) const noexcept;

 private:
  std::error_code allocate_step();
  void prepare(std::size_t end);

  int fd_ = -1;
  std::span<std::byte> room_;
  std::size_t allocated_ = 0;
  std::size_t prepared_ = 0;  // has pages
  std::size_t given_back_ = 0;
};

}  // namespace asyncstream::detail
