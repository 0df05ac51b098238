// SPDX-License-Identifier: Apache-2.0
//
// The process that the calling thread runs: a trivial thread_local pointer to its name, so that a
// trace can name it without a lock or a registry (C47). It is null on threads that do not run a
// csp::Process.
#pragma once

#include <string>
#include <string_view>

#include "seam/annotations.hpp"

namespace csp::detail {

extern thread_local const std::string* current_process CSP_NEAR;

/// The name of the process, or else of the thread. Valid until the thread calls this again or is
/// renamed, or the process ends.
std::string_view current_name() noexcept;

}  // namespace csp::detail
