// SPDX-License-Identifier: Apache-2.0
//
// The three processes of a stream, one file each. Each is started by the function that is named
// after it and goes on until the channels tell it to end; what it knows is its own, and it shares
// nothing with the others but the wiring.
#pragma once

#include <cstddef>

#include "asyncstream/io.hpp"
#include "csp/process.hpp"
#include "wiring.hpp"

namespace asyncstream::detail {

/// As the Go design's: 64 KiB a read, 32 KiB a write.
inline constexpr std::size_t kReadBlock = 64 * 1024;
inline constexpr std::size_t kWriteBlock = 32 * 1024;

/// Answers readers' requests from the body, which grows as slices come in. `with_source` is false
/// for a stream from memory, whose body is whole. Ends when `requests` is closed.
csp::Process transfer(Wiring& wiring, bool with_source);

/// Pulls the source into the buffer and sends a slice for each read. Ends with the source, or when
/// `done` is closed.
csp::Process read_into_buffer(Wiring& wiring, Source& source);

/// Counts readers: admits them up to the limit, and lets the stream close when none is left. Ends
/// when its channels are closed.
csp::Process readers_monitor(Wiring& wiring);

}  // namespace asyncstream::detail
