// SPDX-License-Identifier: Apache-2.0
//
// FileTarget: a sink that keeps its bytes: a regular file, new or overwritten, or a disk.
//
// A file is opened by check() without truncating it, and one that was made on the way is removed
// again if no attempt was begun. With `atomic`, attempts write to a new file in the same folder,
// which takes the place of the old one when it is complete and is removed when it is not.
#pragma once

#include <filesystem>

#include "tee/target.hpp"

namespace asyncstream::tools::tee {

class FileTarget final : public Target {
 public:
  FileTarget(const std::string& path, const Plan& plan);
  ~FileTarget() override;

  void check() override;
  Opening open() override;
  std::error_code keep() override;
  std::optional<struct stat> identity() const override { return status_; }
  std::string place() const override { return place_.string(); }

 private:
  void check_place();
  void check_file();
  Descriptor make_draft();

  const std::string path_;
  const bool append_;
  const bool atomic_;
  const bool sync_;
  Descriptor checked_;  // what check() has opened, for the first attempt
  std::optional<struct stat> status_;
  std::filesystem::path place_;    // without links, where that can be known
  std::filesystem::path created_;  // by check(), and nothing written to it yet
  mode_t mode_ = 0;                // of what is renamed
  std::filesystem::path draft_;    // what is renamed when it is complete
};

}  // namespace asyncstream::tools::tee
