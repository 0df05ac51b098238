// SPDX-License-Identifier: Apache-2.0
//
// The cases of a process are made by csp::cases, even a single one.
// expect: what is called to make the cases returns csp::cases
#include <csp/csp.hpp>

void refused(const csp::Channel<int>& numbers) {
  csp::Process process = csp::serving("process", [&] { return csp::on_receive(numbers); });
}
