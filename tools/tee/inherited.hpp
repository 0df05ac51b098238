// SPDX-License-Identifier: Apache-2.0
//
// Descriptors that the program was given beside the standard three. `/dev/fd/63` of a shell's
// `>(cmd)` is one: opened anew, it would be there twice, and the command see no end of its input
// before the program ends. So the descriptor itself is used, and none is handed on to commands.
#pragma once

#include <optional>
#include <string>

namespace asyncstream::tools::tee {

/// N, for "/dev/fd/N" and "/proc/self/fd/N" with N > 2.
std::optional<int> inherited_descriptor(const std::string& path);

/// From now on commands inherit the standard descriptors alone.
void keep_inherited_from_commands();

}  // namespace asyncstream::tools::tee
