// SPDX-License-Identifier: Apache-2.0
//
// What nearly every test of channels, lib and stress includes, compiled once a program and not once
// a file: reading these is half of a test's time to compile. A test still includes what it uses, or
// a build with -Db_pch=false (.ci/run has one) fails.
#include <doctest/doctest.h>
#include <csp/csp.hpp>
