// SPDX-License-Identifier: Apache-2.0
//
// The cases of a process outlive the function that makes them, so they may not refer to what is
// gone with it.
// expect: on_send of a value that is gone when the case is used
#include <csp/csp.hpp>
#include <string>

void f(const csp::Channel<std::string>& texts) {
  csp::Process process = csp::serving(
      "sender", [&texts] { return csp::cases(csp::on_send(texts, std::string("gone"))); });
}
