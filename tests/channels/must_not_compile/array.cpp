// SPDX-License-Identifier: Apache-2.0
//
// An array cannot be an element (C40).
// expect: element must be a plain object type
#include <csp/csp.hpp>

csp::Channel<int[3]> refused() { return csp::Channel<int[3]>::make("refused"); }
