// SPDX-License-Identifier: Apache-2.0
//
// The lines of progress: when they are drawn, and what stands in them; see progress.hpp.
#include "tee/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "csp/select.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNameWidth = 24;

struct Screen {
  std::size_t lines = SIZE_MAX;
  std::size_t columns = SIZE_MAX;
};

Screen screen_of(int terminal) {
  winsize size{};
  if (ioctl(terminal, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) {
    return {24, 80};
  }
  return {size.ws_row, size.ws_col};
}

std::string shortened(const std::string& name) {
  if (name.size() <= kNameWidth) return name;
  return "..." + name.substr(name.size() - (kNameWidth - 3));
}

}  // namespace

Progress::Progress(const AsyncStream& stream, const Outlets& outlets,
                   std::optional<std::size_t> size, bool asked_for)
    : stream_(stream),
      outlets_(outlets),
      size_(size),
      asked_for_(asked_for),
      terminal_(isatty(STDERR_FILENO) == 1),
      positions_(outlets.size() + 1),
      process_("progress", [this] { run(); }) {}

Progress::~Progress() {
  (void)done_.close();
  process_.join();
}

void Progress::run() {
  bool over = false;
  std::chrono::milliseconds pause = 1s;
  while (!over) {
    csp::select(csp::on_receive(done_, [&](std::optional<csp::Token>) { over = true; }),
                csp::after(pause, [&] { pause = 500ms; }));
    if (!over || asked_for_ || drawn_ > 0) draw();
  }
}

void Progress::draw() {
  const Clock::time_point now = Clock::now();
  const std::chrono::duration<double> since_begin = now - begin_;
  const std::chrono::duration<double> since_last = now - last_;
  last_ = now;
  std::vector<std::string> lines;
  lines.push_back(line(0, "source", stream_.buffered(), since_begin, since_last));
  for (const std::unique_ptr<Outlet>& outlet : outlets_) {
    lines.push_back(line(lines.size(), outlet->name(), outlet->written(), since_begin, since_last));
  }

  const Screen screen = terminal_ ? screen_of(STDERR_FILENO) : Screen();
  lines.resize(std::min(lines.size(), screen.lines - 1));  // the cursor stands below the last
  std::string text;
  if (terminal_ && drawn_ > 0) text = "\x1b[" + std::to_string(drawn_) + 'A';
  for (const std::string& shown : lines) {
    text += shown.substr(0, screen.columns) + (terminal_ ? "\x1b[K\n" : "\n");
  }
  drawn_ = lines.size();
  std::cerr << text << std::flush;
}

std::string Progress::line(std::size_t index, const std::string& name, std::uint64_t position,
                           std::chrono::duration<double> since_begin,
                           std::chrono::duration<double> since_last) {
  const auto moved = static_cast<double>(position - std::exchange(positions_[index], position));
  const auto reached = static_cast<double>(position);
  std::string percent;
  std::string left;
  if (size_ && *size_ > 0) {
    const double whole = static_cast<double>(*size_);
    percent = std::to_string(static_cast<int>(std::min(100 * reached / whole, 999.0))) + '%';
    if (moved > 0 && reached < whole) {  // who stands still has no estimate
      left = "  ETA " + human_time(since_begin * ((whole - reached) / reached));
    }
  }
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%-*s %10s %4s %10s/s%s", static_cast<int>(kNameWidth),
                shortened(name).c_str(), human_size(reached).c_str(), percent.c_str(),
                human_size(moved / std::max(since_last.count(), 1e-6)).c_str(), left.c_str());
  return text.data();
}

}  // namespace asyncstream::tools::tee
