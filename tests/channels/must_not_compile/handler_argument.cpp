// SPDX-License-Identifier: Apache-2.0
//
// The case determines what its handler is called with.
// expect: a handler of on_receive takes T or std::optional<T>
#include <csp/csp.hpp>

void refused(const csp::Channel<int>& numbers) {
  csp::select(csp::on_receive(numbers, [](const char*) {}));
}
