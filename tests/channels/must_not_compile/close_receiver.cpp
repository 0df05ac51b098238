// SPDX-License-Identifier: Apache-2.0
//
// Go perm.go: close of a receive-only channel (C50).
// expect: no member named|has no member named
#include <csp/csp.hpp>

void refused(const csp::Receiver<int>& receiver) { (void)receiver.close(); }
