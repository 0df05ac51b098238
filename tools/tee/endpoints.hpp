// SPDX-License-Identifier: Apache-2.0
//
// Opening the source and the file sinks, so that bad input changes nothing.
//
// Sinks are opened without truncating them, each is held against the source and the sinks before
// it, and only when all is well (commit) do they lose what was in them. Until then a refusal leaves
// every file as it was: those we created are removed again.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asyncstream/io.hpp"
#include "tee/descriptor.hpp"
#include "tee/interruption.hpp"

namespace asyncstream::tools::tee {

struct Input {
  std::string name;
  std::unique_ptr<Source> source;
  struct stat status;
  std::optional<std::size_t> size;  // what a regular file still has to give
};

/// Opens a file, or the standard input for "-". Throws Refusal.
Input open_input(const std::string& path);

struct Output {
  std::string name;
  Descriptor fd;
  struct stat status;
  std::filesystem::path created;  // empty: it was there before
};

class Outputs {
 public:
  explicit Outputs(bool append) : append_(append) {}
  ~Outputs();
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;

  /// Opens a file, or the standard output for "-"; a FIFO when its reader is there. Throws Refusal,
  /// also for what is the input or was added before, and Interrupted.
  void add(const std::string& path, const Input& input, const Interruption& interruption);

  /// Truncates (unless appending) and hands the files out, in the order of add. Throws Refusal.
  std::vector<Output> commit();

 private:
  const bool append_;
  bool standard_output_ = false;  // is one of these
  std::vector<Output> opened_;
};

}  // namespace asyncstream::tools::tee
