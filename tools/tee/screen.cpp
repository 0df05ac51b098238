// SPDX-License-Identifier: Apache-2.0
//
// Drawing on a terminal; see screen.hpp.
#include "tee/screen.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include "tee/complain.hpp"

namespace asyncstream::tools::tee {
namespace {

bool is_dumb() {
  const char* const kind = std::getenv("TERM");
  return kind && std::string_view(kind) == "dumb";
}

winsize size_of_terminal() {
  winsize size{};
  (void)ioctl(STDERR_FILENO, TIOCGWINSZ, &size);
  if (size.ws_row == 0) size.ws_row = 24;
  if (size.ws_col == 0) size.ws_col = 80;
  return size;
}

bool is_in_background() {
  const pid_t foreground = tcgetpgrp(STDERR_FILENO);
  return foreground >= 0 && foreground != getpgrp();  // where that cannot be known, it is not
}

}  // namespace

Screen::Screen() : terminal_(isatty(STDERR_FILENO) == 1), overwrites_(terminal_ && !is_dumb()) {}

std::size_t Screen::columns() const { return terminal_ ? size_of_terminal().ws_col : SIZE_MAX; }

bool Screen::draw(std::vector<std::string> lines) {
  if (terminal_ && is_in_background()) return false;
  std::string text;
  if (overwrites_) {
    // The cursor stands below the last.
    const std::size_t most = std::max<std::size_t>(size_of_terminal().ws_row, 2) - 1;
    lines.resize(std::min(lines.size(), most));
    if (drawn_ > 0) text = "\x1b[" + std::to_string(drawn_) + 'A';
  }
  for (const std::string& line : lines) text += line + (overwrites_ ? "\x1b[K\n" : "\n");
  drawn_ = lines.size();
  std::cerr << text << std::flush;
  return true;
}

void Screen::say(const std::string& text) {
  if (overwrites_ && drawn_ > 0) std::cerr << "\x1b[" + std::to_string(drawn_) + "A\x1b[J";
  drawn_ = 0;
  complain(text);
}

}  // namespace asyncstream::tools::tee
