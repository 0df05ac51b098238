// SPDX-License-Identifier: Apache-2.0
//
// The whole library in one include: streams, their readers, and the sources and sinks that come
// with it. It is a convenience for programs; a library's headers better include the single parts
// that they name.
#pragma once

#include "asyncstream/async_stream.hpp"   // IWYU pragma: export
#include "asyncstream/errc.hpp"           // IWYU pragma: export
#include "asyncstream/fd.hpp"             // IWYU pragma: export
#include "asyncstream/io.hpp"             // IWYU pragma: export
#include "asyncstream/iostream.hpp"       // IWYU pragma: export
#include "asyncstream/memory.hpp"         // IWYU pragma: export
#include "asyncstream/options.hpp"        // IWYU pragma: export
#include "asyncstream/stream_reader.hpp"  // IWYU pragma: export
