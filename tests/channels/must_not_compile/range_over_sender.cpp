// SPDX-License-Identifier: Apache-2.0
//
// Go perm.go: a range loop over a send-only channel (C50).
// expect: begin
#include <csp/csp.hpp>

void refused(const csp::Sender<int>& sender) {
  for (int value : sender) (void)value;
}
