// SPDX-License-Identifier: Apache-2.0
//
// The lines of progress: when they are drawn, and what stands in them; see progress.hpp.
#include "tee/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "csp/select.hpp"
#include "tee/shown.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kNameWidth = 24;
constexpr std::size_t kNarrow = 64;  // fewer columns than this, and numbers stand close together

std::string padded(const std::string& text, std::size_t columns) {
  return text + std::string(columns - std::min(columns_of(text), columns), ' ');
}

/// The name and the numbers in so many columns. Notes go first, then what is left of the name.
std::string fitted(const std::string& name, const std::string& numbers, const std::string& note,
                   std::size_t columns) {
  const std::size_t rest = columns - std::min(columns, numbers.size() + 1);
  const std::string shown =
      padded(shortened(name, std::min(kNameWidth, rest)), std::min(kNameWidth, rest));
  const std::string line = shown.empty() ? numbers : shown + ' ' + numbers;
  if (note.empty() || columns_of(line) + 4 > columns) return line;
  return line + "  " + shortened(note, columns - columns_of(line) - 2);
}

}  // namespace

Progress::Progress(const Feed& feed, const Outlets& outlets, std::optional<std::size_t> size,
                   bool asked_for)
    : feed_(feed),
      outlets_(outlets),
      size_(size),
      asked_for_(asked_for),
      positions_(outlets.size() + 1),
      process_("progress", [this] { run(); }) {}

Progress::~Progress() {
  (void)done_.close();
  process_.join();
}

void Progress::run() {
  bool over = false;
  Clock::time_point next = begin_ + 1s;
  while (!over) {
    bool draws = true;
    csp::select(csp::on_receive(done_, [&](std::optional<csp::Token>) { over = true; }),
                csp::on_receive(notes_,
                                [&](const std::string& text) {
                                  screen_.say(text);
                                  draws = false;
                                }),
                csp::until(next, [&] { next = Clock::now() + 500ms; }));
    if (draws && (!over || asked_for_ || shown_)) draw();
  }
}

void Progress::draw() {
  const Clock::time_point now = Clock::now();
  since_begin_ = now - begin_;
  since_last_ = now - std::exchange(last_, now);
  std::vector<std::string> lines;
  lines.push_back(line(0, "source", feed_.position(), slowest()));
  for (const std::unique_ptr<Outlet>& outlet : outlets_) {
    lines.push_back(line(lines.size(), outlet->name(), outlet->written(), ""));
  }
  shown_ = screen_.draw(std::move(lines)) || shown_;
}

/// "waits for NAME", while the source is held for it.
std::string Progress::slowest() const {
  const Outlet* slowest = nullptr;
  for (const std::unique_ptr<Outlet>& outlet : outlets_) {
    if (!outlet->is_active()) continue;
    if (!slowest || outlet->written() < slowest->written()) slowest = outlet.get();
  }
  return feed_.is_held() && slowest ? "waits for " + slowest->name() : "";
}

std::string Progress::line(std::size_t index, const std::string& name, std::uint64_t position,
                           const std::string& note) {
  const std::uint64_t before = std::exchange(positions_[index], position);
  // One that was begun again is behind where it was.
  const auto moved = static_cast<double>(position - std::min(before, position));
  const auto reached = static_cast<double>(position);
  std::string percent;
  std::string left = note;
  if (size_ && *size_ > 0) {
    const double whole = static_cast<double>(*size_);
    percent = std::to_string(static_cast<int>(std::min(100 * reached / whole, 999.0))) + '%';
    if (note.empty() && moved > 0 && reached < whole) {  // without progress there is no estimate
      left = "ETA " + human_time(since_begin_ * ((whole - reached) / reached));
    }
  }
  const std::size_t columns = screen_.columns();
  std::array<char, 64> numbers{};
  std::snprintf(numbers.data(), numbers.size(),
                columns < kNarrow ? "%s %s %s/s" : "%10s %4s %10s/s", human_size(reached).c_str(),
                percent.c_str(), human_size(moved / std::max(since_last_.count(), 1e-6)).c_str());
  return fitted(name, numbers.data(), left, columns);
}

}  // namespace asyncstream::tools::tee
