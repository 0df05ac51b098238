// SPDX-License-Identifier: Apache-2.0
//
// The source and the file sinks, opened without changing anything; see endpoints.hpp.
#include "tee/endpoints.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <utility>

#include "asyncstream/fd.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

constexpr int kAlways = O_CLOEXEC | O_NOCTTY;

/// A file's name for messages.
std::string named(const std::string& path) { return path.empty() ? "''" : printable(path); }

[[noreturn]] void refuse(const char* what, const std::string& name, std::error_code error) {
  throw Refusal(what + name + ": " + error.message());
}

/// Whether what is written to the one is seen in the other. Terminals, /dev/null and sockets are
/// rightly both source and sink.
bool same(const struct stat& a, const struct stat& b) {
  if (S_ISBLK(a.st_mode) && S_ISBLK(b.st_mode)) return a.st_rdev == b.st_rdev;
  const bool keeps = S_ISREG(a.st_mode) || S_ISFIFO(a.st_mode);
  return keeps && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool opened_for(int fd, int mode) {
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && ((flags & O_ACCMODE) == mode || (flags & O_ACCMODE) == O_RDWR);
}

/// A regular file's bytes from where it stands; none for those of /proc, which call themselves
/// empty.
std::optional<std::size_t> size_left(int fd, const struct stat& status) {
  if (!S_ISREG(status.st_mode) || status.st_size == 0) return std::nullopt;
  const off_t at = lseek(fd, 0, SEEK_CUR);
  return at < status.st_size ? static_cast<std::size_t>(status.st_size - at) : 0;
}

/// Regular files and disks never wait; all else is asked not to, so that a signal is heard while it
/// does. So a FIFO whose reader is not there yet is asked again and again.
Descriptor open_sink(const std::string& path, int flags, const Interruption& interruption) {
  struct stat status {};
  const bool there = stat(path.c_str(), &status) == 0;
  if (there && !S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) flags |= O_NONBLOCK;
  while (true) {
    Descriptor fd(open(path.c_str(), flags));
    if (fd || errno != ENXIO || !S_ISFIFO(status.st_mode)) return fd;
    constexpr int kMillisecondsBetweenLooks = 10;
    pollfd signals{interruption.signals(), POLLIN, 0};
    if (poll(&signals, 1, kMillisecondsBetweenLooks) > 0) throw Interrupted();
  }
}

}  // namespace

Input open_input(const std::string& path) {
  const bool standard = path == "-";
  Input input{standard ? "the standard input" : named(path), nullptr, {}, {}};
  Descriptor file(standard ? -1 : open(path.c_str(), O_RDONLY | kAlways));
  if (!standard && !file) refuse("cannot read ", input.name, last_error());
  const int fd = standard ? STDIN_FILENO : file.get();
  if (!opened_for(fd, O_RDONLY)) throw Refusal(input.name + " is not open for reading");
  if (fstat(fd, &input.status) != 0) refuse("cannot read ", input.name, last_error());
  if (S_ISDIR(input.status.st_mode)) {
    refuse("cannot read ", input.name, std::make_error_code(std::errc::is_a_directory));
  }
  input.size = size_left(fd, input.status);
  input.source = std::make_unique<FdSource>(fd, standard ? Ownership::borrowed : Ownership::owned);
  file.release();
  return input;
}

Outputs::~Outputs() {
  for (const Output& output : opened_) {
    std::error_code ignored;
    if (!output.created.empty()) std::filesystem::remove(output.created, ignored);
  }
}

void Outputs::add(const std::string& path, const Input& input, const Interruption& interruption) {
  Output output{named(path), Descriptor(), {}, {}};
  if (path == "-") {
    output.name = "the standard output";
    // Whatever it is: it is one descriptor, which is closed once.
    if (std::exchange(standard_output_, true)) {
      throw Refusal(output.name + " is named twice; name it once");
    }
    if (!opened_for(STDOUT_FILENO, O_WRONLY))
      throw Refusal(output.name + " is not open for writing");
    // A terminal may be opened anew, so that not to wait for it is ours to choose.
    if (isatty(STDOUT_FILENO) == 1) {
      output.fd = Descriptor(open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | kAlways));
    }
    if (!output.fd) output.fd = Descriptor(STDOUT_FILENO);
  } else {
    const int flags = O_WRONLY | kAlways | (append_ ? O_APPEND : 0);
    output.fd = open_sink(path, flags, interruption);
    if (!output.fd && errno == ENOENT) {
      output.fd = Descriptor(open(path.c_str(), flags | O_CREAT, 0666));
      // Where it really is: the path may be a link that led nowhere.
      std::error_code ignored;
      if (output.fd) output.created = std::filesystem::canonical(path, ignored);
    }
    if (!output.fd) refuse("cannot write ", output.name, last_error());
  }
  if (fstat(output.fd.get(), &output.status) != 0) {
    refuse("cannot write ", output.name, last_error());
  }
  opened_.push_back(std::move(output));

  const Output& added = opened_.back();
  if (same(added.status, input.status)) {
    throw Refusal(added.name + " is also the source; write to another file");
  }
  for (const Output& before : opened_) {
    if (&before != &added && same(before.status, added.status)) {
      throw Refusal(added.name + " is the same file as " + before.name + "; name it once");
    }
  }
}

std::vector<Output> Outputs::commit() {
  for (const Output& output : opened_) {
    const bool truncates = !append_ && output.created.empty() && output.fd.get() != STDOUT_FILENO;
    if (truncates && S_ISREG(output.status.st_mode) && ftruncate(output.fd.get(), 0) != 0) {
      refuse("cannot truncate ", output.name, last_error());
    }
  }
  return std::exchange(opened_, {});
}

}  // namespace asyncstream::tools::tee
