// SPDX-License-Identifier: Apache-2.0
//
// A channel alone does not say what to do with it.
// expect: select and serve take cases
#include <csp/csp.hpp>

void refused(const csp::Channel<int>& numbers) { csp::select(numbers); }
