// SPDX-License-Identifier: Apache-2.0
//
// Opening the source; see input.hpp.
#include "tee/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "asyncstream/fd.hpp"
#include "tee/command_source.hpp"
#include "tee/files.hpp"
#include "tee/inherited.hpp"
#include "tee/shown.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

[[noreturn]] void refuse(const std::string& name, std::error_code error) {
  throw Refusal("cannot read " + name + ": " + error.message());
}

/// The bytes from where it stands; none for the files of /proc, which call themselves empty.
std::optional<std::size_t> size_left(int fd, const struct stat& status) {
  off_t end = status.st_size;
  const off_t at = lseek(fd, 0, SEEK_CUR);
  if (S_ISBLK(status.st_mode)) {
    end = lseek(fd, 0, SEEK_END);
    if (at < 0 || end < 0 || lseek(fd, at, SEEK_SET) != at) return std::nullopt;
  } else if (!S_ISREG(status.st_mode)) {
    return std::nullopt;
  }
  if (end == 0) return std::nullopt;
  return at < end ? static_cast<std::size_t>(end - at) : 0;
}

}  // namespace

Input open_command(const std::string& line, const Interruption& interruption) {
  Input input{"--from-command '" + printable(line) + '\'', nullptr, {}, {}};
  try {
    input.source = std::make_unique<CommandSource>(line, interruption.inheritance());
  } catch (const std::system_error& error) {
    refuse(input.name, error.code());
  }
  return input;
}

Input open_input(const std::string& path) {
  const bool standard = path == "-";
  Input input{standard ? "the standard input" : name_of_file(path), nullptr, {}, {}};
  Descriptor file;
  if (!standard) {
    const std::optional<int> inherited = inherited_descriptor(path);
    file = Descriptor(inherited ? *inherited : open(path.c_str(), O_RDONLY | kOpenAlways));
    if (!file) refuse(input.name, last_error());
  }
  const int fd = standard ? STDIN_FILENO : file.get();
  if (!is_open_for(fd, O_RDONLY)) throw Refusal(input.name + " is not open for reading");
  if (fstat(fd, &input.status) != 0) refuse(input.name, last_error());
  if (S_ISDIR(input.status.st_mode)) {
    refuse(input.name, std::make_error_code(std::errc::is_a_directory));
  }
  input.size = size_left(fd, input.status);
  input.source = std::make_unique<FdSource>(fd, standard ? Ownership::borrowed : Ownership::owned);
  file.release();
  return input;
}

}  // namespace asyncstream::tools::tee
