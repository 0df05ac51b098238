// SPDX-License-Identifier: Apache-2.0
//
// The generator of random_scenario.hpp.
#include "scenario/random_scenario.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <random>

namespace asyncstream::tools {
namespace {

using nlohmann::json;

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : seed_(seed), engine_(seed) {}

  Scenario make() {
    static constexpr std::array<std::size_t, 9> kBuffers{0, 1, 7, 64, 100, 512, 4096, 65536, 65537};
    static constexpr std::array<const char*, 3> kSources{"reader", "writer_to", "slice"};
    const std::size_t kind = below(10) < 6 ? 0 : 1 + below(2);
    buffer_ = kBuffers[below(kBuffers.size())];
    push_ = kind == 1;
    if (kind == 2) {
      body_ = buffer_;
      ended_ = true;
    }
    for (std::size_t left = 4 + below(24); left > 0; --left) random_step();
    finish();
    const json scenario{{"name", "random-seed-" + std::to_string(seed_)},
                        {"about", "Made by a generator."},
                        {"source", kSources[kind]},
                        {"buffer", buffer_},
                        {"steps", steps_}};
    return parse_scenario(scenario, "random scenario " + std::to_string(seed_));
  }

 private:
  struct Reader {
    std::size_t offset = 0;
    std::size_t max = 0;
    enum { free, waits_to_read, waits_to_write, closed } state = free;
  };

  // Modulo, not a distribution: distributions differ between standard libraries.
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(engine_() % n); }

  std::size_t size() {
    static constexpr std::array<std::size_t, 8> kSizes{1, 2, 10, 63, 100, 1000, 40000, 150000};
    return kSizes[below(kSizes.size())];
  }

  void random_step() {
    const std::size_t dice = below(100);
    if (dice < 15 && readers_.size() < 4) return open();
    if (dice < 55) return with_reader([this](int k, Reader& r) { read(k, r); });
    if (dice < 63) return with_reader([this](int k, Reader& r) { write_to(k, r); });
    if (dice < 68) return with_reader([this](int k, Reader& r) { close_reader(k, r); });
    if (ended_) return;
    if (dice < 94) return feed();
    if (dice < 97) end();
  }

  template <class F>
  void with_reader(F f) {
    std::vector<int> free;
    for (const auto& [k, reader] : readers_) {
      if (reader.state == Reader::free) free.push_back(k);
    }
    if (free.empty()) return open();
    const int k = free[below(free.size())];
    f(k, readers_[k]);
  }

  void open() {
    const int k = static_cast<int>(readers_.size()) + 1;
    readers_[k] = {};
    steps_.push_back({{"do", "open"}, {"reader", k}});
  }

  bool at_frontier(const Reader& reader) const { return !ended_ && reader.offset >= body_; }

  void read(int k, Reader& reader) {
    reader.max = below(20) == 0 ? 0 : size();
    json step{{"do", "read"}, {"reader", k}, {"max", reader.max}};
    if (at_frontier(reader)) {
      step["async"] = true;
      reader.state = Reader::waits_to_read;
    } else {
      advance(reader);
    }
    steps_.push_back(std::move(step));
  }

  void advance(Reader& reader) {
    if (!failed_) reader.offset += std::min(reader.max, body_ - reader.offset);
  }

  void write_to(int k, Reader& reader) {
    json step{{"do", "write_to"}, {"reader", k}};
    if (!ended_) {
      for (const auto& [other, r] : readers_) {
        if (r.state == Reader::waits_to_write) return;
      }
      step["async"] = true;
      reader.state = Reader::waits_to_write;
    } else if (!failed_) {
      reader.offset = body_;
    }
    steps_.push_back(std::move(step));
  }

  void close_reader(int k, Reader& reader) {
    reader.state = Reader::closed;
    steps_.push_back({{"do", "close_reader"}, {"reader", k}});
  }

  void feed() {
    std::size_t bytes = below(12) == 0 ? 0 : size();
    // An empty read behind a full buffer ends the reference without a status.
    if (bytes == 0 && !push_ && body_ == buffer_) bytes = 1;
    steps_.push_back({{"do", "feed"}, {"bytes", bytes}});
    take(bytes);
    await();
  }

  void take(std::size_t bytes) {
    if (push_) {
      pushed_ += bytes;
      if (pushed_ > buffer_) fail();
    } else {
      const std::size_t first = std::min({bytes, buffer_ - body_, std::size_t{65536}});
      const std::size_t before = body_;
      body_ += std::min(bytes, buffer_ - body_);
      if (before + bytes > buffer_) {
        // A waiting reader gets what the first slice brought; the error comes after it.
        wake(before + first);
        fail();
      } else if (bytes > 0) {
        wake(before + first);
      }
    }
  }

  void end() {
    const bool clean = below(4) != 0;
    steps_.push_back({{"do", "end"}, {"error", clean ? "eof" : "boom"}});
    if (below(4) == 0) {
      const std::size_t bytes = size();
      steps_.back()["bytes"] = bytes;
      take(bytes);
    }
    if (!ended_) {
      if (clean && push_) body_ = pushed_;
      ended_ = true;
      failed_ = !clean;
      wake(body_);
    }
    await();
  }

  void fail() {
    ended_ = failed_ = true;
    wake(body_);
  }

  /// Reads that wait at the frontier are answered with what is there up to `visible`.
  void wake(std::size_t visible) {
    for (auto& [k, reader] : readers_) {
      const bool writes = reader.state == Reader::waits_to_write;
      if (reader.state != Reader::waits_to_read && !(writes && ended_)) continue;
      if (!failed_ || visible > reader.offset) {
        const std::size_t there = visible > reader.offset ? visible - reader.offset : 0;
        reader.offset += writes ? there : std::min(reader.max, there);
      }
      reader.state = Reader::free;
      returned_.push_back(k);
    }
  }

  void await() {
    for (const int k : returned_) steps_.push_back({{"do", "await"}, {"reader", k}});
    returned_.clear();
  }

  void finish() {
    const bool waiting = std::any_of(readers_.begin(), readers_.end(), [](const auto& entry) {
      return entry.second.state == Reader::waits_to_read ||
             entry.second.state == Reader::waits_to_write;
    });
    if (!ended_ && (waiting || below(4) != 0)) end();
    const bool close_first = below(3) == 0;
    bool any = false;
    for (const auto& [k, reader] : readers_) any = any || reader.state != Reader::closed;
    if (close_first && any) steps_.push_back({{"do", "close"}, {"async", true}});
    for (auto& [k, reader] : readers_) {
      if (reader.state != Reader::closed) close_reader(k, reader);
    }
    steps_.push_back({{"do", close_first && any ? "await" : "close"}});
  }

  const std::uint64_t seed_;
  std::mt19937_64 engine_;
  std::size_t buffer_ = 0;
  bool push_ = false;
  std::size_t pushed_ = 0;
  std::size_t body_ = 0;
  bool ended_ = false;
  bool failed_ = false;
  std::map<int, Reader> readers_;
  std::vector<int> returned_;
  json steps_ = json::array();
};

}  // namespace

Scenario random_scenario(std::uint64_t seed) { return Generator(seed).make(); }

}  // namespace asyncstream::tools
