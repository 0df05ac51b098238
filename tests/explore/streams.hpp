// SPDX-License-Identifier: Apache-2.0
//
// Scenarios of whole streams, each a line again:
//
//   stream 8: 2 3 e | o r r~ c | o w | C
//
// gives the size of the buffer, what the source does (a digit: that many bytes; z: none; e: end;
// f: fails; t: throws; b: blocks until it is asked to stop), then for each thread what it calls:
//   o o~ o?   opens a reader (its own)       r r~ r!  reads two bytes; until a deadline, or stop
//   w         writes all that is left        c        closes its reader
//   k0        closes the reader of thread 0  x        requests stop of all r! and the like
//   C C~      closes the stream              X        cancels it
// When all threads have ended the stream is closed, if nobody has done it, and destroyed.
//
// Judged: every call returns; what is read is what the source gave, in order and from byte 0; every
// ending is one that could be; of all closes of the stream one succeeds; when it is closed nothing
// of it runs, and at the end no process is left.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "explore/model.hpp"

namespace explore {

std::unique_ptr<Scenario> stream_scenario(const std::string& line);

}  // namespace explore
