// SPDX-License-Identifier: Apache-2.0
//
// Go perm.go: a select case that receives from a send-only channel (C50).
// expect: no matching function
#include <csp/csp.hpp>

void refused(const csp::Sender<int>& sender) { csp::select(csp::on_receive(sender)); }
