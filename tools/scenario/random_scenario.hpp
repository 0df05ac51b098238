// SPDX-License-Identifier: Apache-2.0
//
// Makes random scenarios from a seed: opens, reads, feeds and closes in unusual orders, but always
// such that a correct stream can play them. The generator keeps a small model of the stream (how
// much is readable, how it ended, which calls wait), so it knows which call will block and must be
// async, and what to await.
//
// It avoids what the reference leaves to chance: two waiting write_to at once, and an empty read at
// the very end of a full buffer.
#pragma once

#include <cstdint>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

/// The same scenario for the same seed, on every machine.
Scenario random_scenario(std::uint64_t seed);

}  // namespace asyncstream::tools
