// SPDX-License-Identifier: Apache-2.0
//
// A command as the source; see command_source.hpp.
#include "tee/command_source.hpp"

#include <sys/eventfd.h>

#include <utility>

namespace asyncstream::tools::tee {
namespace {

class CommandCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "command"; }
  std::string message(int status) const override { return complaint_about(status); }
};

}  // namespace

const std::error_category& command_category() noexcept {
  static const CommandCategory category;
  return category;
}

CommandSource::CommandSource(std::string line, const Interruption::Inheritance& inheritance)
    : inheritance_(inheritance),
      command_(std::move(line), Command::Side::writes),
      pipe_(command_.pipe().get()),
      stopped_(eventfd(0, EFD_CLOEXEC)) {
  if (!stopped_) throw std::system_error(last_error(), "cannot wait for a command");
}

IoResult CommandSource::read(std::span<std::byte> into, std::stop_token stop) {
  if (!std::exchange(started_, true)) {
    try {
      command_.start(inheritance_);
    } catch (const std::system_error& error) {
      return {0, error.code()};
    }
  }
  const IoResult result = pipe_.read(into, stop);
  if (result.error != errc::eof) return result;
  return {result.n, ended(stop)};
}

std::error_code CommandSource::ended(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { eventfd_write(stopped_.get(), 1); });
  const std::optional<int> status = command_.wait(stopped_.get());
  if (!status) return errc::cancelled;
  return *status == 0 ? std::error_code(errc::eof) : std::error_code(*status, command_category());
}

}  // namespace asyncstream::tools::tee
