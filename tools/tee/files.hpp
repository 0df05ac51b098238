// SPDX-License-Identifier: Apache-2.0
//
// Small questions about files and descriptors, asked of source and sinks alike.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "tee/descriptor.hpp"
#include "tee/shown.hpp"

namespace asyncstream::tools::tee {

/// How everything is opened.
inline constexpr int kOpenAlways = O_CLOEXEC | O_NOCTTY;

/// A file's name for messages.
inline std::string name_of_file(const std::string& path) {
  return path.empty() ? "''" : printable(path);
}

/// Whether it was opened so: O_RDONLY or O_WRONLY.
inline bool is_open_for(int fd, int mode) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && ((flags & O_ACCMODE) == mode || (flags & O_ACCMODE) == O_RDWR);
}

/// Whether what is written to the one is seen in the other. Terminals, /dev/null and sockets are
/// rightly both source and sink.
inline bool is_same_file(const struct stat& a, const struct stat& b) {
  if (S_ISBLK(a.st_mode) && S_ISBLK(b.st_mode)) return a.st_rdev == b.st_rdev;
  const bool keeps = S_ISREG(a.st_mode) || S_ISFIFO(a.st_mode);
  return keeps && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Not every kind of file can be synced, and what cannot has nothing to sync.
inline std::error_code sync_file(int fd) {
  if (fsync(fd) == 0 || errno == EINVAL || errno == EROFS) return {};
  return last_error();
}

}  // namespace asyncstream::tools::tee
