// SPDX-License-Identifier: Apache-2.0
//
// Input: where the bytes come from: a file, a block device, an inherited descriptor, the standard
// input, or a command whose exit status counts. It is only opened here; a command is started when
// it is first read from.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "asyncstream/io.hpp"
#include "tee/interruption.hpp"

namespace asyncstream::tools::tee {

struct Input {
  std::string name;
  std::unique_ptr<Source> source;
  struct stat status;
  std::optional<std::size_t> size;  // what a regular file or a disk still has to give
};

/// A file, or the standard input for "-"; waits for a FIFO's writer. Throws Refusal.
Input open_input(const std::string& path);
/// Throws Refusal. The interruption must outlive the source.
Input open_command(const std::string& line, const Interruption& interruption);

}  // namespace asyncstream::tools::tee
