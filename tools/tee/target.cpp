// SPDX-License-Identifier: Apache-2.0
//
// Which kind of target a sink is, and the command; see target.hpp.
#include "tee/target.hpp"

#include <utility>

#include "tee/file_target.hpp"
#include "tee/inherited.hpp"
#include "tee/shown.hpp"
#include "tee/stream_target.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

class CommandTarget final : public Target {
 public:
  CommandTarget(const std::string& line, const Interruption& interruption)
      : Target("--pipe '" + printable(line) + '\''), line_(line), interruption_(interruption) {}

  void check() override {
    if (line_.empty()) throw Refusal("--pipe '' is no command");
  }

  void begin() override { started_.emplace(start()); }

  Opening open() override {
    if (!started_) begin();
    Opening opening{Descriptor(), std::move(started_)};
    started_.reset();
    return opening;
  }

  bool may_show() const override { return true; }

 private:
  Command start() const {
    Command command(line_, Command::Side::reads);
    command.start(interruption_.inheritance());
    return command;
  }

  const std::string line_;
  const Interruption& interruption_;
  std::optional<Command> started_;
};

}  // namespace

std::unique_ptr<Target> make_target(const SinkPlan& sink, const Plan& plan,
                                    const Interruption& interruption) {
  if (sink.kind == SinkPlan::Kind::command) {
    return std::make_unique<CommandTarget>(sink.text, interruption);
  }
  struct stat status {};
  const bool there = stat(sink.text.c_str(), &status) == 0;
  const bool keeps = !there || S_ISREG(status.st_mode) || S_ISBLK(status.st_mode) ||
                     S_ISDIR(status.st_mode);  // which is refused
  if (sink.text == "-" || inherited_descriptor(sink.text) || !keeps) {
    return std::make_unique<StreamTarget>(sink.text, plan);
  }
  return std::make_unique<FileTarget>(sink.text, plan);
}

}  // namespace asyncstream::tools::tee
