// SPDX-License-Identifier: Apache-2.0
//
// The outcome of a send must not be ignored (C13). Compiled with warnings as errors.
// expect: nodiscard
#include <csp/csp.hpp>

void refused(const csp::Channel<int>& channel) { channel.send(1); }
