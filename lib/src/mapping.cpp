// SPDX-License-Identifier: Apache-2.0
//
// Reserving, advising, and the spare; see mapping.hpp.
#include "mapping.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>
#include <optional>
#include <utility>

#include "csp/channel.hpp"

namespace asyncstream::detail {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// Room for one. Never destroyed: streams may be used in the last destructors.
const csp::Channel<Mapping>& spares() {
  static const auto* const one = new csp::Channel<Mapping>(csp::Channel<Mapping>::make("", 1));
  return *one;
}

}  // namespace

Mapping::Mapping(std::size_t size) : size_(size) {
  if (size > PTRDIFF_MAX) throw std::bad_alloc();
  std::size_t room = size + kHugePage;  // so that it can begin on a huge page's boundary
  mapped_ = mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                 -1, 0);
  if (mapped_ == MAP_FAILED) throw std::bad_alloc();
  void* aligned = mapped_;
  begin_ = static_cast<std::byte*>(std::align(kHugePage, size, aligned, room));
  // Only advice: where the system has no huge pages, all stays as it is.
  if (size > kHugePage) madvise(begin_ + kHugePage, size - kHugePage, MADV_HUGEPAGE);
}

Mapping::Mapping(Mapping&& other) noexcept
    : size_(other.size_), begin_(other.begin_), mapped_(std::exchange(other.mapped_, nullptr)) {}

Mapping::~Mapping() {
  if (mapped_) munmap(mapped_, size_ + kHugePage);
}

std::shared_ptr<Mapping> Mapping::reserve(std::size_t size) {
  const auto owned = [](Mapping mapping) {
    return std::shared_ptr<Mapping>(new Mapping(std::move(mapping)), [](Mapping* ended) {
      if (ended->size_ <= kLargestSpare) {
        madvise(ended->begin_, ended->size_, MADV_FREE);
        (void)spares().try_send(std::move(*ended));  // no room: it ends here
      }
      delete ended;
    });
  };
  if (size <= kLargestSpare) {
    std::optional<Mapping> spare = spares().try_receive().value;
    if (spare && spare->size_ >= size) return owned(std::move(*spare));
  }
  return owned(Mapping(size));
}

}  // namespace asyncstream::detail
