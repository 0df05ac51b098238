// SPDX-License-Identifier: Apache-2.0
//
// map_memory(): a large piece of address space, whose memory the system commits, all zeros, as it
// is written.
//
// To commit is most of what filling costs, and in huge pages it costs a fifth; so the advice is for
// those. The first 2 MiB are left in small pages, so that a short stream in a large buffer commits
// what it uses. No mapping is used twice: a source that claims more bytes than it has written would
// show what an earlier stream held.
#pragma once

#include <cstddef>
#include <memory>

namespace asyncstream::detail {

/// At least so many bytes, unmapped by the last owner's end. Throws std::bad_alloc.
std::shared_ptr<std::byte> map_memory(std::size_t size);

}  // namespace asyncstream::detail
