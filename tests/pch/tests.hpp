// SPDX-License-Identifier: Apache-2.0
//
// What nearly every test includes, compiled once a program and not once a file: half of a test's
// time to compile is reading these. A test still includes what it uses: with -Db_pch=false, as
// under a compiler cache, nothing of this is seen.
#include <doctest/doctest.h>
#include <csp/csp.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>
