// SPDX-License-Identifier: Apache-2.0
//
// The one source of randomness in the tests. The seed is TEST_SEED or a fixed default. It is
// printed when the tests start and with every failed case, and is set anew before each case, so a
// failing case can be replayed alone. A test takes a generator() for its own use, one for each
// thread, with different numbers. The same seed also seeds select's choice in the thread that runs
// the case.
#pragma once

#include <cstdint>
#include <random>

namespace support {

/// TEST_SEED, or the default.
std::uint64_t seed();

/// A generator that depends only on the seed and the number.
std::mt19937_64 generator(std::uint64_t number = 0);

/// Seeds csp::select's choice in the calling thread.
void seed_this_thread(std::uint64_t number = 0);

}  // namespace support
