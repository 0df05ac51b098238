// SPDX-License-Identifier: Apache-2.0
//
// Asking /proc and the cgroups, of version 2 and 1; see available.hpp.
#include "tee/available.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "tee/descriptor.hpp"

namespace asyncstream::tools::tee {
namespace {

namespace fs = std::filesystem;

/// A file of one number; nothing for "max", or if there is no such file.
std::optional<std::size_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  std::size_t number = 0;
  if (in >> number) return number;
  return std::nullopt;
}

/// The number behind the key, in a file of lines "key number".
std::optional<std::size_t> number_of(const fs::path& file, std::string_view key) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string word;
    std::size_t number = 0;
    if (words >> word >> number && word == key) return number;
  }
  return std::nullopt;
}

/// What is left in a group and those around it. The names of its files are those of its version.
std::optional<std::size_t> left_in(const fs::path& root, fs::path group, const char* limit,
                                   const char* usage, const char* files) {
  std::optional<std::size_t> least;
  while (true) {
    const fs::path folder = root / group.relative_path();
    const std::optional<std::size_t> most = number_in(folder / limit);
    const std::optional<std::size_t> used = number_in(folder / usage);
    if (most && used) {
      const std::size_t kept = number_of(folder / "memory.stat", files).value_or(0);
      const std::size_t counted = *used - std::min(*used, kept);
      const std::size_t left = *most - std::min(*most, counted);
      least = std::min(left, least.value_or(left));
    }
    if (group == group.parent_path()) return least;
    group = group.parent_path();
  }
}

/// Each line of /proc/self/cgroup is "number:controllers:group"; version 2 has no controllers.
std::optional<std::size_t> left_in_cgroups() {
  std::ifstream in("/proc/self/cgroup");
  std::optional<std::size_t> least;
  std::string line;
  while (std::getline(in, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    const fs::path group = line.substr(second + 1);
    std::optional<std::size_t> left;
    if (controllers == ",,") {
      left = left_in("/sys/fs/cgroup", group, "memory.max", "memory.current", "file");
    } else if (controllers.find(",memory,") != std::string::npos) {
      left = left_in("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes",
                     "memory.usage_in_bytes", "total_cache");
    }
    if (left) least = std::min(*left, least.value_or(*left));
  }
  return least;
}

}  // namespace

std::optional<std::size_t> available_memory() {
  const std::optional<std::size_t> kibibytes = number_of("/proc/meminfo", "MemAvailable:");
  const std::optional<std::size_t> group = left_in_cgroups();
  if (!kibibytes) return group;
  return std::min(*kibibytes * 1024, group.value_or(SIZE_MAX));
}

std::size_t free_space(const std::string& folder) {
  struct statvfs status {};
  if (statvfs(folder.c_str(), &status) != 0) throw std::system_error(last_error());
  return std::size_t{status.f_bavail} * status.f_frsize;
}

}  // namespace asyncstream::tools::tee
