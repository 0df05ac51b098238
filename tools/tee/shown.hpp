// SPDX-License-Identifier: Apache-2.0
//
// Names as they are shown: so that none, however odd, spoils the line or the terminal it stands on.
// Text is taken for UTF-8; what is none is shown byte by byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace asyncstream::tools::tee {

/// The name with control characters, also those behind ASCII, and what is no UTF-8 as \xNN.
std::string printable(std::string_view name);

/// How many columns of a terminal it takes; of text that is printable.
std::size_t columns_of(std::string_view text);

/// Its end, after "..." or as much of that as there is room for, if it is wider than so many
/// columns.
std::string shortened(std::string_view text, std::size_t columns);

}  // namespace asyncstream::tools::tee
