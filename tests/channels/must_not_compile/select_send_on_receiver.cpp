// SPDX-License-Identifier: Apache-2.0
//
// Go perm.go: a select case that sends on a receive-only channel (C50).
// expect: no matching function
#include <csp/csp.hpp>

void refused(const csp::Receiver<int>& receiver) { csp::select(csp::on_send(receiver, 1)); }
