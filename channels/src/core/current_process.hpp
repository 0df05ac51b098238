// SPDX-License-Identifier: Apache-2.0
//
// Which process this thread is at the moment: a trivial thread_local pointer, so that a trace can
// name it without a lock or a registry (C47). Null on threads that are no csp::Process.
#pragma once

#include <string>

#include "seam/annotations.hpp"

namespace csp::detail {

extern thread_local const std::string* current_process CSP_NEAR;

}  // namespace csp::detail
