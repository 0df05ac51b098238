// SPDX-License-Identifier: Apache-2.0
//
// Ending: how a sink, or one attempt of it, has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace asyncstream::tools::tee {

struct Ending {
  enum class Kind {
    unused,       ///< a spare that was not needed
    complete,     ///< it has every byte of the source, to its end
    satisfied,    ///< it has left before that, and has succeeded all the same
    cut_off,      ///< the source broke off
    failed,       ///< complaint says why
    interrupted,  ///< by a signal
  };

  Kind kind = Kind::unused;
  std::string complaint = {};
  std::uint64_t bytes = 0;
  std::uint32_t crc32 = 0;
  std::chrono::duration<double> time{0};

  bool is_success() const { return kind == Kind::complete || kind == Kind::satisfied; }
};

}  // namespace asyncstream::tools::tee
