// SPDX-License-Identifier: Apache-2.0
//
// A select has at most one default (C22).
// expect: otherwise stands twice
#include <csp/csp.hpp>

void refused() { csp::select(csp::otherwise(), csp::otherwise()); }
