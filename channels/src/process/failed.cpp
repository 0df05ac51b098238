// SPDX-License-Identifier: Apache-2.0
//
// The list of processes that ended by an exception and have not been joined yet; see failed.hpp.
#include "process/failed.hpp"

#include <utility>

#include "core/blocked.hpp"

namespace csp::detail {

namespace {
constinit Failed* first CSP_GUARDED_BY(report_lock) = nullptr;
}

void Failed::add(std::string_view name, std::exception_ptr error) noexcept {
  name_ = name;
  error_ = std::move(error);
  Locked locked(report_lock);
  next_ = first;
  first = this;
}

Failed::~Failed() {
  if (!error_) return;
  Locked locked(report_lock);
  Failed** place = &first;
  while (*place != this) place = &(*place)->next_;
  *place = next_;
}

void Failed::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

void visit_failed(const std::function<void(const Failed&)>& visit) {
  Locked locked(report_lock);
  for (const Failed* f = first; f; f = f->next_) visit(*f);
}

}  // namespace csp::detail
