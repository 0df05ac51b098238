// SPDX-License-Identifier: Apache-2.0
//
// Go perm.go: a receive from a send-only channel (C50).
// expect: no member named|has no member named
#include <csp/csp.hpp>

void refused(const csp::Sender<int>& sender) { sender.receive(); }
