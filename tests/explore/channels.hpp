// SPDX-License-Identifier: Apache-2.0
//
// Scenarios of threads that use a few channels. Each scenario is a line as in linearize/config.hpp;
// a deadline may pass at any time.
//
// Each run is judged as a history (linearize/history.hpp): it must be linearizable and served in
// order of arrival, and no thread may stay asleep that could continue. Also, a case that did not
// happen must have left its value or destination untouched, the buffers must hold what was sent and
// not received, no finished call may be queued, and I1..I5 must hold after every unlock.
#pragma once

#include <memory>
#include <string>

#include "explore/model.hpp"

namespace explore {

/// Throws std::invalid_argument, which quotes the text that it cannot parse.
std::unique_ptr<Scenario> channel_scenario(const std::string& line);

}  // namespace explore
