// SPDX-License-Identifier: Apache-2.0
//
// Outlet: one sink with a process of its own, which makes one attempt after the other until one is
// complete or none is left, and tells of it by messages: an attempt that failed and is followed by
// another, a reader that has gone while there was nothing to read, and in the end how it ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "csp/watch.hpp"
#include "tee/attempt.hpp"

namespace asyncstream::tools::tee {

struct OutletEvent {
  enum class Kind { retries, deserted, ended };
  Kind kind;
  std::size_t sink;
  std::string text;  // of an attempt that is followed by another
  Ending ending;
};

class Outlet {
 public:
  /// All but the target must outlive it.
  Outlet(std::size_t index, std::unique_ptr<Target> target, const Surroundings& around,
         csp::Sender<OutletEvent> events)
      : index_(index), target_(std::move(target)), around_(around), events_(std::move(events)) {}

  Target& target() noexcept { return *target_; }
  const std::string& name() const noexcept { return target_->name(); }

  /// Makes the first tap and starts the process. Throws std::system_error.
  void start();
  void join() { process_.join(); }

  /// What the attempt under way has written, for the progress lines. Thread-safe.
  std::uint64_t written() const;
  /// Whether it is still to be written to. Thread-safe.
  bool is_active() const { return active_.latest().value_or(true); }

 private:
  void run(std::unique_ptr<Tap> tap);
  Ending try_once(Tap& tap, unsigned number);
  bool retries(const Ending& ending, unsigned number) const;

  const std::size_t index_;
  const std::unique_ptr<Target> target_;
  const Surroundings& around_;
  const csp::Sender<OutletEvent> events_;
  csp::Watch<std::uint64_t> written_{0};
  csp::Watch<bool> active_{false};
  csp::Process process_;
};

}  // namespace asyncstream::tools::tee
