// SPDX-License-Identifier: Apache-2.0
//
// How much memory a stream's Buffer commits of what it has reserved (A21): what was filled, and at
// most one huge page more.
#include "buffer.hpp"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace {

using asyncstream::detail::Buffer;

constexpr std::size_t kMiB = 1024 * 1024;

std::size_t committed(const Buffer& buffer) {
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> in_memory((buffer.room().size() + page - 1) / page);
  REQUIRE(mincore(buffer.room().data(), buffer.room().size(), in_memory.data()) == 0);
  const auto pages = std::count_if(in_memory.begin(), in_memory.end(),
                                   [](unsigned char flags) { return (flags & 1) != 0; });
  return static_cast<std::size_t>(pages) * page;
}

void fill(const Buffer& buffer, std::size_t size) { std::memset(buffer.room().data(), 1, size); }

}  // namespace

TEST_SUITE_BEGIN("buffer");

TEST_CASE("A21: nothing is committed before it is filled, and little more than that afterwards") {
  const Buffer buffer = Buffer::reserve(64 * kMiB);
  CHECK(committed(buffer) == 0);
  fill(buffer, 1);
  CHECK(committed(buffer) <= kMiB / 16);
  fill(buffer, kMiB);
  CHECK(committed(buffer) <= kMiB + kMiB / 16);
  fill(buffer, 5 * kMiB);
  CHECK(committed(buffer) >= 5 * kMiB);
  CHECK(committed(buffer) <= 7 * kMiB);
}

TEST_CASE("A21: a mapped buffer can be filled to the last byte of its size") {
  for (const std::size_t size : {256 * 1024UL, 2 * kMiB, 2 * kMiB + 1, 4 * kMiB - 1, 65 * kMiB}) {
    const Buffer buffer = Buffer::reserve(size);
    CHECK(buffer.room().size() == size);
    CHECK(buffer.bytes().size() == size);
    buffer.room().front() = std::byte{6};
    buffer.room().back() = std::byte{7};
    CHECK(buffer.bytes().front() == std::byte{6});
    CHECK(buffer.bytes().back() == std::byte{7});
  }
}

TEST_CASE("A15 Q36: a buffer holds nothing of an earlier one, whatever its size") {
  for (const std::size_t size : {100UL, 64 * 1024UL, 255 * 1024UL, 256 * 1024UL, 4 * kMiB}) {
    for (int again = 0; again < 3; ++again) {
      const Buffer buffer = Buffer::reserve(size);
      const auto room = buffer.room();
      CHECK(std::ranges::count(room, std::byte{0}) == std::ptrdiff_t(size));
      std::ranges::fill(room, std::byte{9});
    }
  }
}

TEST_SUITE_END();
