// SPDX-License-Identifier: Apache-2.0
//
// How tee says something on stderr. By the main thread alone, except for what progress draws.
#pragma once

#include <iostream>
#include <string>

namespace asyncstream::tools::tee {

inline void complain(const std::string& text) { std::cerr << "asyncstream tee: " + text + '\n'; }

}  // namespace asyncstream::tools::tee
