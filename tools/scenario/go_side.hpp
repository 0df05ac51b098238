// SPDX-License-Identifier: Apache-2.0
//
// The other side of a live comparison: the Go model of tools/goref, or a Go package of the user's,
// built and run as a child process that plays scenarios. A scenario goes in as a line of JSON and
// its trace comes back as a line, so one start serves hundreds of scenarios.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "scenario/scenario.hpp"

namespace asyncstream::tools {

class GoSide {
 public:
  /// Builds what is needed. An empty package name means the model. Throws BadInput, with the
  /// remedy, if there is no Go, or if the package does not build.
  explicit GoSide(const std::string& package);
  ~GoSide();

  /// The trace of a scenario; or, in `error`, why Go could not play it.
  std::optional<Trace> play(const nlohmann::json& scenario, std::string& error);

 private:
  struct Child;
  std::unique_ptr<Child> child_;
};

}  // namespace asyncstream::tools
