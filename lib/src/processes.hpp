// SPDX-License-Identifier: Apache-2.0
//
// The three processes of a stream, one file each. Each is started by the function of the same name
// and runs until channels are closed. A process's state is local to it; the processes share only
// the wiring.
#pragma once

#include <cstddef>

#include "asyncstream/io.hpp"
#include "csp/process.hpp"
#include "wiring.hpp"

namespace asyncstream::detail {

/// The block sizes of the Go reference: 64 KiB per read, 32 KiB per write.
inline constexpr std::size_t kReadBlock = 64 * 1024;
inline constexpr std::size_t kWriteBlock = 32 * 1024;

/// Starts the process that answers readers' requests from the body, which grows as slices arrive.
/// `with_source` is false for a stream from memory, whose body is complete. Ends when `requests` is
/// closed.
csp::Process transfer(Wiring& wiring, bool with_source);

/// Starts the process that reads the source into the buffer and sends a slice for each read. Ends
/// with the source, or when `done` is closed.
csp::Process read_into_buffer(Wiring& wiring, Source& source);

/// Starts the process that counts readers: it admits them up to the limit, and lets the stream
/// close when none is left. Ends when its channels are closed.
csp::Process readers_monitor(Wiring& wiring);

}  // namespace asyncstream::detail
