// SPDX-License-Identifier: Apache-2.0
//
// StreamTarget: a sink that passes its bytes on: a FIFO, a terminal or another device, the standard
// output, an inherited descriptor. The last two are there once, and cannot be begun again.
#pragma once

#include "tee/target.hpp"

namespace asyncstream::tools::tee {

class StreamTarget final : public Target {
 public:
  StreamTarget(const std::string& path, const Plan& plan);

  void check() override;
  Opening open() override;
  std::optional<struct stat> identity() const override { return status_; }
  bool can_begin_again() const override { return !given_; }
  bool may_show() const override;

 private:
  const std::string path_;
  const int flags_;
  std::optional<int> given_;  // a descriptor that was open before
  Descriptor checked_;        // what check() has opened, for the first attempt
  struct stat status_ {};
};

}  // namespace asyncstream::tools::tee
