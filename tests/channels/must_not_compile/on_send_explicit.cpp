// SPDX-License-Identifier: Apache-2.0
//
// A raw pointer becomes an owning one only by an explicit conversion; serve would convert in each
// round.
// expect: on_send: this is no value of the channel's type, nor converts to one
#include <csp/csp.hpp>
#include <memory>

void refused(const csp::Channel<std::unique_ptr<int>>& boxes, int* pointer) {
  csp::select(csp::on_send(boxes, pointer));
}
