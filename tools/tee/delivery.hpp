// SPDX-License-Identifier: Apache-2.0
//
// Delivery: the sinks at work. As many as wanted are begun at once; the others are spares, of which
// the next is begun when one has failed for good. The main thread does nothing but listen: to the
// sinks, and for a signal, which cancels the feed.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "csp/channel.hpp"
#include "tee/ending.hpp"
#include "tee/outlet.hpp"
#include "tee/progress.hpp"

namespace asyncstream::tools::tee {

class Delivery {
 public:
  Delivery(const Surroundings& around, std::vector<std::unique_ptr<Target>> targets);

  /// What is to be done before any sink is written to, for those that are begun at once. Throws
  /// Refusal.
  void prepare();
  /// Until no sink is left, or enough are complete. `known`: the source's size, if it is.
  void run(Interruption& interruption, std::optional<std::size_t> known);

  /// In the sinks' order.
  const Outlets& outlets() const noexcept { return outlets_; }
  const std::vector<Ending>& endings() const noexcept { return endings_; }
  std::size_t successes() const;

 private:
  void start_next();
  void wait(Interruption& interruption);
  void take(OutletEvent& event);
  bool shows_progress_unasked();

  const Surroundings& around_;
  const csp::Channel<OutletEvent> events_ = csp::Channel<OutletEvent>::make("");
  Outlets outlets_;
  std::vector<Ending> endings_;
  std::size_t begun_ = 0;  // the first so many
  std::size_t running_ = 0;
  std::vector<bool> deserted_;
  std::optional<Progress> progress_;
};

}  // namespace asyncstream::tools::tee
