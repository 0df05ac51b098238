// SPDX-License-Identifier: Apache-2.0
//
// serve: a process that is a loop over one select; Go's `for { select { ... } }`.
//
//   csp::Process counter("counter", [&] {
//     long sum = 0;
//     csp::serve(csp::on_receive(numbers, [&](long n) { sum += n; }, [] { return csp::stop; }),
//                csp::on_send(sums, sum));    // copied anew each round
//   });
#pragma once

#include "csp/detail/cases.hpp"
#include "csp/select.hpp"

namespace csp {

/// Selects again and again, until a handler returns csp::stop, or throws; what it throws is thrown
/// from here. Predicates and channel variables are looked at anew each round. Blocks its thread
/// until then, for ever if no case is enabled; thread-safe as select is.
template <class... Cases>
void serve(Cases&&... cases) {
  while (detail::run_round(detail::Choice::uniform, cases...).flow == go_on) {
  }
}

}  // namespace csp
