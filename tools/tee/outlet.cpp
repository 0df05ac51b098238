// SPDX-License-Identifier: Apache-2.0
//
// One attempt after the other; see outlet.hpp.
#include "tee/outlet.hpp"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "tee/latest.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

constexpr std::chrono::milliseconds kLongestDelay{30000};

/// False: interrupted.
bool pause(const Interruption& interruption, std::chrono::milliseconds delay) {
  pollfd interrupted{interruption.fd(), POLLIN, 0};
  return poll(&interrupted, 1, static_cast<int>(delay.count())) <= 0;
}

}  // namespace

void Outlet::start() {
  active_.post(true);
  process_ = csp::Process(
      name(), [this, tap = around_.feed.tap(name())]() mutable { run(std::move(tap)); });
}

std::uint64_t Outlet::written() const { return latest(written_); }

bool Outlet::retries(const Ending& ending, unsigned number) const {
  return ending.kind == Ending::Kind::failed && number <= around_.plan.retry &&
         target_->can_begin_again() && !around_.feed.is_broken();
}

Ending Outlet::try_once(Tap& tap, unsigned number) {
  const Attempt::Reports reports{
      [this](std::uint64_t bytes) { written_.post(bytes); },
      [this] {
        (void)events_.send({OutletEvent::Kind::deserted, index_, {}, {}});
      }};
  return Attempt(around_, *target_, tap, reports).run(static_cast<std::uint32_t>(index_), number);
}

void Outlet::run(std::unique_ptr<Tap> tap) {
  Ending ending;
  std::chrono::milliseconds delay = around_.plan.retry_delay;
  for (unsigned number = 1;; ++number) {
    try {
      if (!tap) tap = around_.feed.tap(name());
      ending = try_once(*tap, number);
    } catch (const std::exception& error) {  // no memory, or the stream was cancelled meanwhile
      ending = {.kind = Ending::Kind::failed, .complaint = error.what()};
    }
    if (!retries(ending, number)) break;
    tap.reset();
    (void)events_.send({OutletEvent::Kind::retries,
                        index_,
                        name() + ": " + ending.complaint + "; begun again in " + plain_time(delay) +
                            " (" + std::to_string(number) + " of " +
                            std::to_string(around_.plan.retry) + ")",
                        {}});
    if (!pause(around_.interruption, delay)) {
      ending.kind = Ending::Kind::interrupted;
      break;
    }
    delay = std::max(delay, std::min(2 * delay, kLongestDelay));
    written_.post(0);
  }
  tap.reset();
  active_.post(false);
  (void)events_.send({OutletEvent::Kind::ended, index_, {}, std::move(ending)});
}

}  // namespace asyncstream::tools::tee
