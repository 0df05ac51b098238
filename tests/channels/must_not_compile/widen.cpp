// SPDX-License-Identifier: Apache-2.0
//
// Go perm.go: a directional channel where a full one is asked for (C50).
// expect: could not convert|no viable conversion
#include <csp/csp.hpp>

csp::Channel<int> refused(const csp::Sender<int>& sender) { return sender; }
