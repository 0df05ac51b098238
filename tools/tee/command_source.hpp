// SPDX-License-Identifier: Apache-2.0
//
// CommandSource: a command's standard output as a source, whose end is that of the command: only
// exit status 0 is errc::eof, anything else an error. The command is started by the first read, and
// ended with the source if it still runs.
#pragma once

#include <optional>
#include <string>
#include <system_error>

#include "asyncstream/fd.hpp"
#include "tee/command.hpp"

namespace asyncstream::tools::tee {

class CommandSource final : public Source {
 public:
  /// Makes the pipe. Throws std::system_error.
  CommandSource(std::string line, const Interruption::Inheritance& inheritance);
  IoResult read(std::span<std::byte> into, std::stop_token stop) override;

 private:
  std::error_code ended(const std::stop_token& stop);

  const Interruption::Inheritance& inheritance_;
  Command command_;
  FdSource pipe_;
  Descriptor stopped_;  // readable when its reading is to stop
  bool started_ = false;
};

/// Whose values are what waitpid() says of a command that failed.
const std::error_category& command_category() noexcept;

}  // namespace asyncstream::tools::tee
