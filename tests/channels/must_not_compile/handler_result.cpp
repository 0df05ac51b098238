// SPDX-License-Identifier: Apache-2.0
//
// A handler returns nothing, or what serve() shall do next; anything else is a mistake (C34).
// expect: a handler returns nothing, or csp::go_on or csp::stop
#include <csp/csp.hpp>

void refused() {
  csp::select(csp::otherwise([] { return 1; }));
}
