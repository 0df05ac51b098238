// SPDX-License-Identifier: Apache-2.0
//
// The headers that nearly every test of channels, lib and stress includes, compiled once for each
// program instead of once for each file, because they are half of a test's compile time. A test
// still includes what it uses; otherwise a build with -Db_pch=false fails.
#include <doctest/doctest.h>
#include <csp/csp.hpp>
