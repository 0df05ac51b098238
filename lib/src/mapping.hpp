// SPDX-License-Identifier: Apache-2.0
//
// map_memory(): reserves a large range of address space. The system commits its memory, as zeros,
// when it is first written.
//
// Committing is most of the cost of filling a buffer, and in huge pages it costs a fifth, so the
// system is advised to use them. The first 2 MiB stay in small pages, so that a short stream in a
// large buffer commits only what it uses. No mapping is reused: a source that claims more bytes
// than it has written would otherwise reveal the contents of an earlier stream.
#pragma once

#include <cstddef>
#include <memory>

namespace asyncstream::detail {

/// Reserves at least `size` bytes; the last owner unmaps them. Throws std::bad_alloc.
std::shared_ptr<std::byte> map_memory(std::size_t size);

}  // namespace asyncstream::detail
