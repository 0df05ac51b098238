// SPDX-License-Identifier: Apache-2.0
//
// Channels of different elements are never the same one, so comparing them is a mistake, as in Go.
// expect: no match for|invalid operands
#include <csp/csp.hpp>

bool refused(const csp::Channel<int>& a, const csp::Channel<long>& b) { return a == b; }
