// SPDX-License-Identifier: Apache-2.0
//
// Screen: stderr as a place where lines are drawn over the ones before, if it is a terminal that
// can do that; elsewhere, and with TERM=dumb, they follow each other. In a background job nothing
// is drawn.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace asyncstream::tools::tee {

class Screen {
 public:
  Screen();

  /// How wide a line may be now; SIZE_MAX where it is no terminal.
  std::size_t columns() const;
  /// Draws them, each no wider than columns(). False: in the background.
  bool draw(std::vector<std::string> lines);
  /// Says something in their place; they are drawn below it the next time.
  void say(const std::string& text);

 private:
  const bool terminal_;
  const bool overwrites_;
  std::size_t drawn_ = 0;  // lines
};

}  // namespace asyncstream::tools::tee
