// SPDX-License-Identifier: Apache-2.0
//
// Random scenarios from a seed: opens, reads, feeds and closes in an order nobody would think of,
// but always such that a correct stream can play them. The generator keeps a small model of the
// stream (how much is readable, how it ended, who waits) and so knows which call will block and has
// to be async, and what to await.
//
// What the reference leaves to chance is not made: two waiting write_to at once; nor an empty read
// at the very end of a full buffer.
#pragma once

#include <cstdint>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

/// The same scenario for the same seed, on every machine.
Scenario random_scenario(std::uint64_t seed);

}  // namespace asyncstream::tools
