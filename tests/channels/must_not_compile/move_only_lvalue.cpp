// SPDX-License-Identifier: Apache-2.0
//
// A value that cannot be copied must be moved in, in a select case too (C23, C41).
// expect: cannot be copied; pass it with std::move
#include <csp/csp.hpp>
#include <memory>

void refused(const csp::Channel<std::unique_ptr<int>>& channel, std::unique_ptr<int>& value) {
  csp::select(csp::on_send(channel, value));
}
