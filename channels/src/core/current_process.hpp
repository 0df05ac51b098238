// SPDX-License-Identifier: Apache-2.0
//
// Which process the calling thread is: a trivial thread_local pointer, so that a trace can name it
// without a lock or a registry (C47). Null on threads that are no csp::Process.
#pragma once

#include <string>
#include <string_view>

#include "seam/annotations.hpp"

namespace csp::detail {

extern thread_local const std::string* current_process CSP_NEAR;

/// Its name, or that of the thread; valid until the thread asks again or is renamed.
std::string_view current_name() noexcept;

}  // namespace csp::detail
