// SPDX-License-Identifier: Apache-2.0
//
// Bytes in memory as a source and a sink. They are the simplest of their kind, and a model for
// one's own.
#include "asyncstream/memory.hpp"

#include <algorithm>
#include <cstring>

namespace asyncstream {

IoResult MemorySource::read(std::span<std::byte> into, std::stop_token) {
  if (left_.empty()) return {0, errc::eof};
  const std::size_t n = std::min({into.size(), left_.size(), block_});
  if (n > 0) std::memcpy(into.data(), left_.data(), n);
  left_ = left_.subspan(n);
  return {n, {}};
}

IoResult MemorySink::write(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  return {bytes.size(), {}};
}

}  // namespace asyncstream
