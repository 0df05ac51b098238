// SPDX-License-Identifier: Apache-2.0
//
// A source that reads bytes in memory and a sink that keeps what it gets. Neither blocks; both are
// thread-bound.
#pragma once

#include <cstdint>
#include <vector>

#include "asyncstream/io.hpp"

namespace asyncstream {

/// Reads borrowed bytes, at most `block` bytes per read, which must be at least 1. The bytes must
/// outlive the source.
class MemorySource : public Source {
 public:
  explicit MemorySource(std::span<const std::byte> bytes, std::size_t block = SIZE_MAX) noexcept
      : left_(bytes), block_(block) {}
  IoResult read(std::span<std::byte> into, std::stop_token stop) override;

 private:
  std::span<const std::byte> left_;
  std::size_t block_;
};

/// Keeps all bytes written to it. write() throws std::bad_alloc if memory is short.
class MemorySink : public Sink {
 public:
  IoResult write(std::span<const std::byte> bytes) override;
  /// All bytes written so far; valid until the next write.
  const std::vector<std::byte>& bytes() const noexcept { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

}  // namespace asyncstream
