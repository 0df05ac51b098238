// SPDX-License-Identifier: Apache-2.0
//
// Scenarios of whole streams, each written as one line:
//
//   stream 8: 2 3 e | o r r~ c | o w | C
//
// The line gives the size of the buffer, then what the source does (a digit: gives that many bytes;
// z: gives none; e: ends; f: fails; t: throws; b: blocks until it is asked to stop), then the calls
// of each thread:
//   o o~ o?   opens its own reader             r r~ r!  reads two bytes; until a deadline, or stop
//   w         writes all that is left          c        closes its reader
//   k0        closes the reader of thread 0    x        requests stop of all r! and the like
//   C C~      closes the stream                X        cancels it
// When all threads have ended, the stream is closed, unless a thread has closed it, and destroyed.
//
// The run is judged by these rules: every call returns; a read returns what the source gave, in
// order and from byte 0; every ending is a possible one; of all closes of the stream one succeeds;
// when the stream is closed none of its processes runs, and at the end no process is left.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "explore/model.hpp"

namespace explore {

std::unique_ptr<Scenario> stream_scenario(const std::string& line);

}  // namespace explore
