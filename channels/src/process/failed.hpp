// SPDX-License-Identifier: Apache-2.0
//
// Failed: the exception that a process ended with, kept until its owner joins it. Meanwhile
// processes that depend on it may wait without any visible reason, so the report of csp/waiting.hpp
// lists it.
#pragma once

#include <exception>
#include <functional>
#include <string_view>

namespace csp::detail {

/// One process's exception; listed from add() to destruction. `name` must live as long.
class Failed {
 public:
  Failed() = default;
  ~Failed();
  Failed(const Failed&) = delete;
  Failed& operator=(const Failed&) = delete;

  void add(std::string_view name, std::exception_ptr error) noexcept;
  void rethrow() const;  // does nothing if there is no exception

  std::string_view name() const { return name_; }
  const std::exception_ptr& error() const { return error_; }

 private:
  friend void visit_failed(const std::function<void(const Failed&)>& visit);
  std::string_view name_;
  std::exception_ptr error_;
  Failed* next_ = nullptr;
};

/// Calls `visit` with each listed process, while the list's lock is held.
void visit_failed(const std::function<void(const Failed&)>& visit);

}  // namespace csp::detail
