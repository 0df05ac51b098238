// SPDX-License-Identifier: Apache-2.0
//
// The CSP library in one include: channels, select, serve, processes and watches. It is a
// convenience for programs; a library's headers better include the single parts that they name.
// Tracing (csp/trace.hpp, csp/spdlog.hpp) and reports (csp/waiting.hpp) are included separately.
#pragma once

#include "csp/channel.hpp"  // IWYU pragma: export
#include "csp/outcome.hpp"  // IWYU pragma: export
#include "csp/process.hpp"  // IWYU pragma: export
#include "csp/select.hpp"   // IWYU pragma: export
#include "csp/serve.hpp"    // IWYU pragma: export
#include "csp/watch.hpp"    // IWYU pragma: export
