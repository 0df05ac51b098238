// SPDX-License-Identifier: Apache-2.0
//
// The whole CSP layer in one include: channels, select and processes, as Go has them. It is a
// convenience for programs; headers of libraries better include the single parts they name.
#pragma once

#include "csp/channel.hpp"  // IWYU pragma: export
#include "csp/outcome.hpp"  // IWYU pragma: export
#include "csp/process.hpp"  // IWYU pragma: export
#include "csp/select.hpp"   // IWYU pragma: export
#include "csp/serve.hpp"    // IWYU pragma: export
#include "csp/watch.hpp"    // IWYU pragma: export
