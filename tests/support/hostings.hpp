// SPDX-License-Identifier: Apache-2.0
//
// Both ways in which a served process can be hosted, for tests of what must not depend on it.
#pragma once

#include <csp/serve.hpp>

namespace support {

inline constexpr csp::Hosting kHostings[] = {csp::Hosting::assisted, csp::Hosting::dedicated};

}  // namespace support
