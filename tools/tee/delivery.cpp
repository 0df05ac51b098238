// SPDX-License-Identifier: Apache-2.0
//
// Starting sinks and listening to them; see delivery.hpp.
#include "tee/delivery.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "csp/select.hpp"
#include "tee/complain.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {

Delivery::Delivery(const Surroundings& around, std::vector<std::unique_ptr<Target>> targets)
    : around_(around), endings_(targets.size()), deserted_(targets.size()) {
  for (std::unique_ptr<Target>& target : targets) {
    outlets_.push_back(
        std::make_unique<Outlet>(outlets_.size(), std::move(target), around_, events_));
  }
}

void Delivery::prepare() {
  for (std::size_t i = 0; i < around_.plan.wanted(); ++i) {
    try {
      outlets_[i]->target().begin();
    } catch (const std::system_error& error) {
      throw Refusal(outlets_[i]->name() + ": " + error.what());
    }
  }
}

/// What is written by others to the same terminal would be drawn over.
bool Delivery::shows_progress_unasked() {
  const bool others = std::ranges::any_of(
      outlets_, [](const std::unique_ptr<Outlet>& outlet) { return outlet->target().may_show(); });
  return isatty(STDERR_FILENO) == 1 && !others && !around_.plan.source_command;
}

void Delivery::run(Interruption& interruption, std::optional<std::size_t> known) {
  const bool unasked = shows_progress_unasked();
  try {
    while (begun_ < around_.plan.wanted()) start_next();
    if (around_.plan.progress || unasked) {
      progress_.emplace(around_.feed, outlets_, known, around_.plan.progress);
    }
  } catch (...) {  // no thread, no memory: those that run wait for a source that may never end
    around_.feed.cancel();
    around_.feed.start();
    begun_ = outlets_.size();  // no spares
    wait(interruption);
    throw;
  }
  around_.feed.start();
  wait(interruption);
  progress_.reset();
}

void Delivery::start_next() {
  outlets_[begun_]->start();
  ++begun_;
  ++running_;
}

void Delivery::wait(Interruption& interruption) {
  using namespace std::chrono_literals;
  const auto nobody_reads = [this] {
    return static_cast<std::size_t>(std::ranges::count(deserted_, true)) == running_;
  };
  while (running_ > 0) {
    csp::select(csp::on_receive(events_, [this](OutletEvent&& event) { take(event); }),
                csp::on_receive(around_.lookout.signalled(),
                                [&](csp::Token) {
                                  interruption.accept();
                                  around_.feed.cancel();
                                }),
                // The source may be about to end, and then nobody has gone too early.
                csp::when(nobody_reads(), csp::after(100ms, [this] { around_.feed.cancel(); })));
  }
}

void Delivery::take(OutletEvent& event) {
  switch (event.kind) {
    case OutletEvent::Kind::retries:
      deserted_[event.sink] = false;
      if (progress_) {
        progress_->say(event.text);
      } else {
        complain(event.text);
      }
      break;
    case OutletEvent::Kind::deserted:
      deserted_[event.sink] = true;
      break;
    case OutletEvent::Kind::ended:
      deserted_[event.sink] = false;
      outlets_[event.sink]->join();
      --running_;
      const bool replaced = event.ending.kind == Ending::Kind::failed && begun_ < outlets_.size() &&
                            !around_.feed.is_broken();
      endings_[event.sink] = std::move(event.ending);
      if (replaced) start_next();
      break;
  }
}

std::size_t Delivery::successes() const {
  return static_cast<std::size_t>(std::ranges::count_if(endings_, &Ending::is_success));
}

}  // namespace asyncstream::tools::tee
