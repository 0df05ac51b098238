// SPDX-License-Identifier: Apache-2.0
//
// Memory of one run of the model. While it is on, `new` takes from an arena in order, so that every
// run of the same schedule sees the same addresses (the order in which a select locks depends on
// them), a run can be given up in its middle at no cost, and freed memory is not used again but
// overwritten, so that a Word in it is known to be dead.
#pragma once

namespace explore::arena {

void reset();  // begin anew, switched off

/// Switches the arena on or off for a scope.
class Scope {
 public:
  explicit Scope(bool on);
  ~Scope();
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;

 private:
  bool before_;
};

void set(bool on);

}  // namespace explore::arena
