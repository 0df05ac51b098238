// SPDX-License-Identifier: Apache-2.0
//
// Opening what passes its bytes on; see stream_target.hpp. All is asked not to wait, so that a
// signal is heard meanwhile; a FIFO without a reader is then no error, but not open either.
#include "tee/stream_target.hpp"

#include <unistd.h>

#include <utility>

#include "tee/files.hpp"
#include "tee/inherited.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

std::optional<int> given_descriptor(const std::string& path) {
  return path == "-" ? STDOUT_FILENO : inherited_descriptor(path);
}

}  // namespace

StreamTarget::StreamTarget(const std::string& path, const Plan& plan)
    : Target(path == "-" ? "the standard output" : name_of_file(path)),
      path_(path),
      flags_(O_WRONLY | O_NONBLOCK | kOpenAlways | (plan.append ? O_APPEND : 0)),
      given_(given_descriptor(path)) {}

void StreamTarget::check() {
  const auto refuse = [this] {
    throw Refusal("cannot write " + name() + ": " + last_error().message());
  };
  if (given_) {
    if (!is_open_for(*given_, O_WRONLY)) throw Refusal(name() + " is not open for writing");
    if (fstat(*given_, &status_) != 0) refuse();
    // What may be opened anew is, so that not to wait for it is ours to choose. But the standard
    // output's pipe would then be open twice, as commands have it too.
    if (isatty(*given_) == 1 || (*given_ != STDOUT_FILENO && S_ISFIFO(status_.st_mode))) {
      checked_ = Descriptor(::open(("/proc/self/fd/" + std::to_string(*given_)).c_str(), flags_));
      if (checked_ && *given_ != STDOUT_FILENO) ::close(*given_);
    }
    if (!checked_) checked_ = Descriptor(*given_);
    return;
  }
  if (stat(path_.c_str(), &status_) != 0) refuse();
  if (S_ISFIFO(status_.st_mode)) {
    if (faccessat(AT_FDCWD, path_.c_str(), W_OK, AT_EACCESS) != 0) refuse();
    return;
  }
  checked_ = Descriptor(::open(path_.c_str(), flags_));
  if (!checked_) refuse();
}

Opening StreamTarget::open() {
  if (checked_) return {std::move(checked_), std::nullopt};
  Descriptor fd(::open(path_.c_str(), flags_));
  const bool waits = errno == ENXIO && S_ISFIFO(status_.st_mode);
  if (!fd && !waits) throw std::system_error(last_error());
  return {std::move(fd), std::nullopt};
}

bool StreamTarget::may_show() const {
  return !S_ISCHR(status_.st_mode) || !checked_ || isatty(checked_.get()) == 1;
}

}  // namespace asyncstream::tools::tee
