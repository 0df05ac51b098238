// SPDX-License-Identifier: Apache-2.0
//
// The name of the calling process or thread; see current_process.hpp.
#include "core/current_process.hpp"

#include <pthread.h>

namespace csp::detail {

constinit thread_local const std::string* current_process CSP_NEAR = nullptr;

namespace {
constinit thread_local char thread_name[16] = "";
}

std::string_view current_name() noexcept {
  if (current_process) return *current_process;
  // Read each time: a program may rename its threads at any time.
  if (pthread_getname_np(pthread_self(), thread_name, sizeof thread_name) != 0) return "thread";
  return thread_name;
}

}  // namespace csp::detail
