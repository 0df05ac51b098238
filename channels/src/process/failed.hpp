// SPDX-License-Identifier: Apache-2.0
//
// Failed: what a process threw, until its owner joins. Until then the processes that wait for it
// would wait without a word of why, so the report of csp/waiting.hpp lists it.
#pragma once

#include <exception>
#include <functional>
#include <string_view>

namespace csp::detail {

/// Listed from add() to destruction. `name` must live as long.
class Failed {
 public:
  Failed() = default;
  ~Failed();
  Failed(const Failed&) = delete;
  Failed& operator=(const Failed&) = delete;

  void add(std::string_view name, std::exception_ptr error) noexcept;
  void rethrow() const;  // if there is anything

  std::string_view name() const { return name_; }
  const std::exception_ptr& error() const { return error_; }

 private:
  friend void visit_failed(const std::function<void(const Failed&)>& visit);
  std::string_view name_;
  std::exception_ptr error_;
  Failed* previous_ = nullptr;
  Failed* next_ = nullptr;
};

/// Calls `visit` with each that is listed, under the list's lock.
void visit_failed(const std::function<void(const Failed&)>& visit);

}  // namespace csp::detail
