// SPDX-License-Identifier: Apache-2.0
//
// How much memory, or room in a folder, can be had now.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace asyncstream::tools::tee {

/// What the system says is available, and no more than what is left of the limits of our cgroup and
/// those around it; nothing where the system does not say. Of limits, what files keep in memory
/// does not count as used.
std::optional<std::size_t> available_memory();

/// What anybody may still write to the folder's file system. Throws std::system_error.
std::size_t free_space(const std::string& folder);

}  // namespace asyncstream::tools::tee
