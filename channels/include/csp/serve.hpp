// SPDX-License-Identifier: Apache-2.0
//
// serve: a loop over one select, as a process usually is; Go's `for { select { ... } }`.
//
//   csp::Process counter("counter", [&] {
//     long sum = 0;
//     csp::serve(csp::on_receive(numbers, [&](long n) { sum += n; }, [] { return csp::stop; }),
//                csp::on_send(sums, sum));    // `sum` is copied in each round
//   });
#pragma once

#include "csp/detail/cases.hpp"
#include "csp/select.hpp"

namespace csp {

/// Selects repeatedly until a handler returns csp::stop or throws; the exception passes through. A
/// handler that returns nothing, or csp::go_on, lets the loop continue. A case that finds its
/// channel closed is disabled from then on if its handler returns nothing.
/// Predicates and channel variables are evaluated in each round. Blocks its thread until then, for
/// ever if no case is enabled. Thread-safe.
template <class... Cases>
void serve(Cases&&... cases) {
  while (detail::run_round(detail::Choice::uniform, cases...).flow == go_on) {
  }
}

}  // namespace csp
