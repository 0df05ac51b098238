// SPDX-License-Identifier: Apache-2.0
//
// What a handler is called with is the case's to say.
// expect: a handler of on_receive takes T or std::optional<T>
#include <csp/csp.hpp>

void refused(const csp::Channel<int>& numbers) {
  csp::select(csp::on_receive(numbers, [](const char*) {}));
}
