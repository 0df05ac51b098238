// SPDX-License-Identifier: Apache-2.0
//
// Opening, replacing and keeping files; see file_target.hpp.
#include "tee/file_target.hpp"

#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "tee/files.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

namespace fs = std::filesystem;

mode_t mask_of_new_files() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

}  // namespace

FileTarget::FileTarget(const std::string& path, const Plan& plan)
    : Target(name_of_file(path)),
      path_(path),
      append_(plan.append),
      atomic_(plan.atomic),
      sync_(plan.sync) {}

FileTarget::~FileTarget() {
  std::error_code ignored;
  if (!created_.empty()) fs::remove(created_, ignored);
  if (!draft_.empty()) fs::remove(draft_, ignored);
}

void FileTarget::check() {
  try {
    struct stat status {};
    if (stat(path_.c_str(), &status) == 0) status_ = status;
    if (status_ && S_ISDIR(status_->st_mode)) {
      throw std::system_error(std::make_error_code(std::errc::is_a_directory));
    }
    if (atomic_ && (!status_ || S_ISREG(status_->st_mode))) {
      check_place();
    } else {
      check_file();
    }
  } catch (const std::system_error& error) {
    throw Refusal("cannot write " + name() + ": " + error.code().message());
  }
}

/// The new file, and so whether its folder may be written to.
void FileTarget::check_place() {
  if (path_.empty())
    throw std::system_error(std::make_error_code(std::errc::no_such_file_or_directory));
  place_ = fs::weakly_canonical(fs::absolute(path_));
  mode_ = status_ ? status_->st_mode & 07777 : 0666 & ~mask_of_new_files();
  checked_ = make_draft();
}

void FileTarget::check_file() {
  const int flags = O_WRONLY | kOpenAlways | (append_ ? O_APPEND : 0);
  checked_ = Descriptor(::open(path_.c_str(), flags));
  if (!checked_ && errno == ENOENT) {
    checked_ = Descriptor(::open(path_.c_str(), flags | O_CREAT, 0666));
    // Where it really is: the path may be a link that led nowhere.
    std::error_code ignored;
    if (checked_) created_ = fs::canonical(path_, ignored);
  }
  struct stat status {};
  if (!checked_ || fstat(checked_.get(), &status) != 0) throw std::system_error(last_error());
  status_ = status;
}

/// An empty file beside the place, with the mode of what it is to replace.
Descriptor FileTarget::make_draft() {
  if (!draft_.empty()) {
    std::error_code ignored;
    fs::remove(draft_, ignored);
    draft_.clear();
  }
  std::string name =
      place_.parent_path() / ("." + place_.filename().string().substr(0, 200) + ".XXXXXX");
  Descriptor fd(mkostemp(name.data(), O_CLOEXEC));
  if (!fd) throw std::system_error(last_error());
  draft_ = name;
  if (status_) {
    // Another owner's file becomes ours where we may not give it away.
    (void)!fchown(fd.get(), status_->st_uid, status_->st_gid);
  }
  if (fchmod(fd.get(), mode_) != 0) throw std::system_error(last_error());
  return fd;
}

Opening FileTarget::open() {
  created_.clear();
  Descriptor fd = std::move(checked_);
  if (!place_.empty()) {
    if (!fd) fd = make_draft();
  } else {
    if (!fd) fd = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | kOpenAlways, 0666));
    if (!fd) throw std::system_error(last_error());
    const bool truncates = !append_ && S_ISREG(status_->st_mode);
    if (truncates && ftruncate(fd.get(), 0) != 0) throw std::system_error(last_error());
  }
  return {std::move(fd), std::nullopt};
}

std::error_code FileTarget::keep() {
  if (!draft_.empty()) {
    std::error_code error;
    fs::rename(draft_, place_, error);
    if (error) return error;
    draft_.clear();
  }
  if (!sync_ || !S_ISREG(status_ ? status_->st_mode : S_IFREG)) return {};
  std::error_code ignored;
  const fs::path where = place_.empty() ? fs::canonical(path_, ignored) : place_;
  const Descriptor folder(::open(where.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder ? sync_file(folder.get()) : last_error();
}

}  // namespace asyncstream::tools::tee
