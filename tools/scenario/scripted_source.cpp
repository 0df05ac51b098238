// SPDX-License-Identifier: Apache-2.0
//
// The errors of a scripted source, which a scenario gives by name.
#include "scenario/scripted_source.hpp"

#include <mutex>

#include "asyncstream/errc.hpp"

namespace asyncstream::tools {
namespace {

class ScenarioErrors : public std::error_category {
 public:
  const char* name() const noexcept override { return "scenario"; }
  std::string message(int code) const override {
    std::lock_guard lock(mutex_);
    return names_.at(static_cast<std::size_t>(code));
  }
  std::error_code code(const std::string& name) {
    std::lock_guard lock(mutex_);
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return names_.push_back(name), std::error_code(last(), *this);
    return {static_cast<int>(found - names_.begin()), *this};
  }

 private:
  int last() const { return static_cast<int>(names_.size()) - 1; }
  mutable std::mutex mutex_;            // a step may add a name while a process shows another
  std::vector<std::string> names_{""};  // 0 is no error
};

}  // namespace

std::error_code error_named(const std::string& name) {
  for (int code = static_cast<int>(errc::eof); code <= static_cast<int>(errc::no_progress);
       ++code) {
    const std::error_code known = static_cast<errc>(code);
    if (name_of(known) == name) return known;
  }
  static ScenarioErrors category;
  return category.code(name);
}

}  // namespace asyncstream::tools
