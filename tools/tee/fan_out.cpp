// SPDX-License-Identifier: Apache-2.0
//
// One source, many sinks; see fan_out.hpp. All that can be refused is looked at before anything is
// written, in this order: source and sinks are opened, the buffer reserved, the commands started.
#include "tee/fan_out.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

#include "tee/available.hpp"
#include "tee/chain.hpp"
#include "tee/complain.hpp"
#include "tee/delivery.hpp"
#include "tee/files.hpp"
#include "tee/inherited.hpp"
#include "tee/input.hpp"
#include "tee/interruption.hpp"
#include "tee/lookout.hpp"
#include "tee/report.hpp"
#include "tee/target.hpp"
#include "tee/text.hpp"
#include "tee/whole_feed.hpp"

namespace asyncstream::tools::tee {
namespace {

using Targets = std::vector<std::unique_ptr<Target>>;

constexpr std::size_t kDefaultBuffer = std::size_t{1} << 30;

void check_alone(const Target& target, const Input& input, const Targets& before) {
  const std::optional<struct stat> identity = target.identity();
  if (identity && is_same_file(*identity, input.status)) {
    throw Refusal(target.name() + " is also the source; write to another file");
  }
  for (const std::unique_ptr<Target>& other : before) {
    const std::optional<struct stat> theirs = other->identity();
    const bool same = identity && theirs && is_same_file(*identity, *theirs);
    if (same || (!target.place().empty() && target.place() == other->place())) {
      throw Refusal(target.name() + " is the same file as " + other->name() + "; name it once");
    }
  }
}

Targets open_targets(const Plan& plan, const Input& input, const Interruption& interruption) {
  Targets targets;
  bool standard_output = false;
  for (const SinkPlan& sink : plan.sinks) {
    std::unique_ptr<Target> target = make_target(sink, plan, interruption);
    // Whatever it is: it is one descriptor, which is closed once.
    if (sink.kind == SinkPlan::Kind::file && sink.text == "-" &&
        std::exchange(standard_output, true)) {
      throw Refusal(target->name() + " is named twice; name it once");
    }
    target->check();
    check_alone(*target, input, targets);
    targets.push_back(std::move(target));
  }
  return targets;
}

std::string more_than(std::size_t bytes, std::size_t available) {
  return human_size(static_cast<double>(bytes)) + " is more than the " +
         human_size(static_cast<double>(available)) +
         " of memory that are available; --spill DIR keeps it on disk";
}

void refuse_too_long(const Input& input, std::size_t buffer) {
  const std::size_t kept = std::min(input.size.value_or(0), buffer);
  const std::optional<std::size_t> available = available_memory();
  if (available && kept > *available) {
    throw Refusal("to keep " + input.name + " of " + more_than(kept, *available));
  }
}

void warn_of_too_large(const Plan& plan) {
  if (!plan.buffer || plan.spill) return;
  const std::optional<std::size_t> available = available_memory();
  if (available && *plan.buffer > *available) {
    complain("--buffer " + more_than(*plan.buffer, *available));
  }
}

std::unique_ptr<Feed> spilled_feed(const Plan& plan, Input& input) {
  try {
    const std::size_t free = free_space(*plan.spill);
    return std::make_unique<WholeFeed>(std::move(input.source),
                                       plan.buffer.value_or(free - free / 10), plan.sinks.size(),
                                       *plan.spill);
  } catch (const std::system_error& error) {
    throw Refusal("cannot spill to " + name_of_file(*plan.spill) + ": " + error.code().message());
  }
}

std::unique_ptr<Feed> feed_in_memory(const Plan& plan, Input& input) {
  if (!plan.keeps_whole()) {
    return std::make_unique<Chain>(std::move(input.source), plan.buffer.value_or(kDefaultBuffer));
  }
  const std::size_t size = plan.buffer.value_or(input.size.value_or(kDefaultBuffer));
  refuse_too_long(input, size);
  return std::make_unique<WholeFeed>(std::move(input.source), size, plan.sinks.size(), "");
}

std::unique_ptr<Feed> make_feed(const Plan& plan, Input& input) {
  try {
    return plan.spill ? spilled_feed(plan, input) : feed_in_memory(plan, input);
  } catch (const std::bad_alloc&) {
    throw Refusal("--buffer: there is no memory for so many bytes; give a smaller size");
  }
}

int ended_by(const Interruption& interruption, const Delivery& delivery) {
  complain("ended by signal " + std::to_string(interruption.number()) + "; " +
           std::to_string(delivery.successes()) + " of " +
           std::to_string(delivery.outlets().size()) + " sinks are complete");
  return 128 + interruption.number();
}

}  // namespace

int fan_out(const Plan& plan) {
  keep_inherited_from_commands();
  // A FIFO's writer is waited for here, which a signal may still end.
  std::optional<Input> input;
  if (!plan.source_command) input = open_input(plan.source);
  Interruption interruption;
  if (plan.source_command) input = open_command(*plan.source_command, interruption);

  Targets targets = open_targets(plan, *input, interruption);
  const Lookout lookout(interruption);
  const std::unique_ptr<Feed> feed = make_feed(plan, *input);
  const Surroundings around{plan, interruption, lookout, *feed};
  Delivery delivery(around, std::move(targets));
  delivery.prepare();
  warn_of_too_large(plan);

  delivery.run(interruption, input->size);

  if (interruption.number() == 0 && interruption.has_come()) interruption.accept();
  const bool well = report(plan, {input->name, feed->status(), feed->position()}, delivery);
  if (interruption.number() != 0) return ended_by(interruption, delivery);
  return well ? 0 : 1;
}

}  // namespace asyncstream::tools::tee
