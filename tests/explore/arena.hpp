// SPDX-License-Identifier: Apache-2.0
//
// The memory of one run of the model. While the arena is on, `new` takes memory from it in order.
// This has three effects:
//
// - Every run of the same schedule sees the same addresses. The order in which a select locks its
//   channels depends on them.
// - A run can be abandoned in the middle at no cost.
// - Freed memory is overwritten and not used again, so a Word in it is known to be dead.
#pragma once

namespace explore::arena {

void reset();  // empties the arena and switches it off

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
