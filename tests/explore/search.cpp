// SPDX-License-Identifier: Apache-2.0
//
// The searches of search.hpp. A strategy runs in the middle of a run, on a fiber's stack, so the
// memory that it keeps is allocated outside the arena (the model switches the arena off for it).
#include "explore/search.hpp"

#include <algorithm>
#include <random>
#include <sstream>

namespace explore {
namespace {

/// Maps a past to the least part of the bound that was spent when it was met. Open addressing;
/// entries are never removed.
class Visited {
 public:
  Visited() : slots_(1 << 12) {}

  /// True if the past is new, or was met only with more of the bound spent.
  bool enter(Hash past, unsigned used) {
    if (2 * count_ > slots_.size()) grow();
    Slot& slot = find(past | 1);
    if (slot.past == 0) {
      slot = {past | 1, used};
      ++count_;
      return true;
    }
    if (slot.used <= used) return false;
    slot.used = used;
    return true;
  }
  std::size_t count() const { return count_; }

 private:
  struct Slot {
    Hash past = 0;
    unsigned used = 0;
  };
  Slot& find(Hash past) {
    std::size_t i = (past * 0x9e3779b97f4a7c15) >> 20;
    while (slots_[i & (slots_.size() - 1)].past != 0 &&
           slots_[i & (slots_.size() - 1)].past != past) {
      ++i;
    }
    return slots_[i & (slots_.size() - 1)];
  }
  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.past != 0) find(slot.past) = slot;
    }
  }
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

class Exhaustive : public Strategy {
 public:
  Exhaustive(Bound bound, bool prune) : bound_(bound), prune_(prune) {}

  std::size_t pick(std::span<const Option> options, bool preempts, Hash past) override {
    if (depth_ == path_.size() && prune_ && !visited_.enter(past, used_)) return kGiveUp;
    return go_down(options.size(), preempts || bound_.of == Bound::departures);
  }

  std::size_t choose(std::size_t n) override { return go_down(n, bound_.of == Bound::departures); }

  /// Goes to the next schedule; false if there is none.
  bool next() {
    while (!path_.empty() && path_.back().chosen + 1 >= path_.back().count) path_.pop_back();
    depth_ = 0;
    used_ = 0;
    if (path_.empty()) return false;
    ++path_.back().chosen;
    return true;
  }

  Schedule schedule() const {
    Schedule schedule;
    for (std::size_t i = 0; i < depth_; ++i) {
      if (path_[i].chosen > 0) schedule.emplace_back(i, path_[i].chosen);
    }
    return schedule;
  }
  std::size_t states() const { return visited_.count(); }

 private:
  struct Node {
    std::size_t chosen;
    std::size_t count;
  };

  std::size_t go_down(std::size_t count, bool costs) {
    if (costs && used_ >= bound_.most) count = 1;
    if (depth_ == path_.size()) path_.push_back({0, count});
    const Node& node = path_[depth_++];
    // Otherwise the search would skip schedules, or ask for options that do not exist.
    if (node.count != count) Model::get().fail("the same picks did not give the same run");
    used_ += costs && node.chosen > 0;
    return node.chosen;
  }

  const Bound bound_;
  const bool prune_;
  std::vector<Node> path_;
  std::size_t depth_ = 0;
  unsigned used_ = 0;
  Visited visited_;
};

class Replay : public Strategy {
 public:
  explicit Replay(const Schedule& schedule) : schedule_(schedule) {}
  std::size_t pick(std::span<const Option> options, bool, Hash) override {
    return choose(options.size());
  }
  std::size_t choose(std::size_t n) override {
    const std::size_t at = depth_++;
    while (next_ < schedule_.size() && schedule_[next_].first < at) ++next_;
    if (next_ == schedule_.size() || schedule_[next_].first != at) return 0;
    return std::min(schedule_[next_].second, n - 1);  // a shortened schedule may lose an option
  }

 private:
  const Schedule& schedule_;
  std::size_t depth_ = 0;
  std::size_t next_ = 0;
};

class Random : public Strategy {
 public:
  Random(std::uint64_t seed, std::size_t length) : random_(seed), length_(length) {
    for (std::uint32_t& priority : priorities_) priority = below(1 << 20) + 8;
    for (std::size_t& change : changes_) change = below(length_ + 1);
  }

  std::size_t pick(std::span<const Option> options, bool, Hash) override {
    const std::size_t at = depth_++;
    std::size_t chosen = 0;
    if (below(24) == 0) {
      chosen = below(options.size());
    } else {
      for (std::size_t i = 1; i < options.size(); ++i) {
        if (priority(options[i]) > priority(options[chosen])) chosen = i;
      }
    }
    for (std::size_t i = 0; i < std::size(changes_); ++i) {
      if (changes_[i] == at) priorities_[place(options[chosen])] = static_cast<std::uint32_t>(i);
    }
    return remember(at, chosen);
  }
  std::size_t choose(std::size_t n) override {
    const std::size_t at = depth_++;
    return remember(at, below(n));
  }

  const Schedule& schedule() const { return schedule_; }
  std::size_t length() const { return depth_; }

 private:
  std::uint32_t below(std::size_t n) { return static_cast<std::uint32_t>(random_() % n); }
  // A deadline that may pass has its own priority, as a thread has.
  static std::size_t place(const Option& o) {
    return 2 * static_cast<std::size_t>(o.thread) + (o.how == Option::run ? 0 : 1);
  }
  std::uint32_t priority(const Option& o) const {
    return o.how == Option::wake_for_nothing ? 0 : priorities_[place(o)];
  }
  std::size_t remember(std::size_t at, std::size_t chosen) {
    if (chosen > 0) schedule_.emplace_back(at, chosen);
    return chosen;
  }

  std::mt19937_64 random_;
  std::size_t length_;
  std::uint32_t priorities_[64];
  std::size_t changes_[4];
  std::size_t depth_ = 0;
  Schedule schedule_;
};

}  // namespace

std::string to_text(const Schedule& schedule) {
  std::string text;
  for (const auto& [at, option] : schedule) {
    text += (text.empty() ? "" : ",") + std::to_string(at) + ":" + std::to_string(option);
  }
  return text.empty() ? "0:0" : text;
}

Schedule parse_schedule(const std::string& text) {
  Schedule schedule;
  std::istringstream in(text);
  std::size_t at = 0;
  std::size_t option = 0;
  char colon = 0;
  char comma = ',';
  while (comma == ',' && in >> at >> colon >> option && colon == ':') {
    schedule.emplace_back(at, option);
    comma = 0;
    if (!(in >> comma)) return schedule;
  }
  throw std::invalid_argument("schedule '" + text + "': give step:option,step:option,...");
}

std::optional<Failure> exhaust(Scenario& scenario, Bound bound, std::uint64_t limit, bool prune,
                               Tally& tally) {
  Exhaustive strategy(bound, prune);
  std::uint64_t runs = 0;
  do {
    const Result result = Model::get().run(scenario, strategy);
    ++runs;
    ++tally.schedules;
    if (!result.failure.empty()) return Failure{strategy.schedule(), result.failure};
    if (runs == limit) {
      tally.complete = false;
      break;
    }
  } while (strategy.next());
  tally.states += strategy.states();
  return std::nullopt;
}

std::optional<Failure> at_random(Scenario& scenario, std::uint64_t runs, std::uint64_t seed,
                                 Tally& tally) {
  std::size_t length = 100;
  for (std::uint64_t i = 0; i < runs; ++i) {
    Random strategy(seed * 0x9e3779b97f4a7c15 + i, length);
    const Result result = Model::get().run(scenario, strategy);
    ++tally.schedules;
    length = std::max(length, strategy.length());
    if (!result.failure.empty()) return Failure{strategy.schedule(), result.failure};
  }
  return std::nullopt;
}

std::string replay(Scenario& scenario, const Schedule& schedule, bool verbose) {
  Replay strategy(schedule);
  return Model::get().run(scenario, strategy, verbose).failure;
}

Schedule shorten(Scenario& scenario, Schedule schedule) {
  const auto fails = [&](const Schedule& s) { return !replay(scenario, s, false).empty(); };
  bool shorter = true;
  while (shorter) {
    shorter = false;
    for (std::size_t size = std::max<std::size_t>(schedule.size() / 2, 1); size > 0; size /= 2) {
      for (std::size_t i = 0; i + size <= schedule.size();) {
        Schedule without = schedule;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i),
                      without.begin() + static_cast<std::ptrdiff_t>(i + size));
        if (fails(without)) {
          schedule = std::move(without);
          shorter = true;
        } else {
          i += size;
        }
      }
    }
  }
  return schedule;
}

}  // namespace explore
