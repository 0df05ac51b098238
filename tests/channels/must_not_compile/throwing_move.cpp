// SPDX-License-Identifier: Apache-2.0
//
// An element whose move may throw is refused, and the message names a remedy (C40).
// expect: movable and destructible without throwing.*box it in a std::unique_ptr
#include <csp/csp.hpp>

struct Throwing {
  Throwing(Throwing&&) noexcept(false) {}
};

csp::Channel<Throwing> refused() { return csp::Channel<Throwing>::make("refused"); }
