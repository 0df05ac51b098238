// SPDX-License-Identifier: Apache-2.0
//
// The descriptors that the program was started with; see inherited.hpp.
#include "tee/inherited.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string_view>

namespace asyncstream::tools::tee {
namespace {

std::optional<int> as_number(std::string_view text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int> inherited_descriptor(const std::string& path) {
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::optional<int> number = as_number(std::string_view(path).substr(folder.size()));
    if (number && *number > STDERR_FILENO) return number;
  }
  return std::nullopt;
}

void keep_inherited_from_commands() {
  if (close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
  std::error_code ignored;  // an older kernel
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
    const std::optional<int> number = as_number(entry.path().filename().string());
    if (number && *number > STDERR_FILENO) fcntl(*number, F_SETFD, FD_CLOEXEC);
  }
}

}  // namespace asyncstream::tools::tee
