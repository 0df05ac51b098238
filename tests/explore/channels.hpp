// SPDX-License-Identifier: Apache-2.0
//
// Scenarios of threads that use a few channels, each a line as in linearize/config.hpp; a deadline
// may pass at any time.
//
// Each run is judged as a history (linearize/history.hpp): linearizable, first come first served,
// nobody asleep who could go on. Besides: a case that did not happen left its value or destination
// alone, the buffers hold what was sent and not received, nothing of a finished call is queued, and
// after every unlocking I1..I5 hold.
#pragma once

#include <memory>
#include <string>

#include "explore/model.hpp"

namespace explore {

/// Throws std::invalid_argument that shows the place it does not understand.
std::unique_ptr<Scenario> channel_scenario(const std::string& line);

}  // namespace explore
