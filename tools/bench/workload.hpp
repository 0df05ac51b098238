// SPDX-License-Identifier: Apache-2.0
//
// What a workload of `asyncstream bench` is: workers that do one kind of operation over and over,
// what has to be there before they begin, and what is asked of it when they have ended.
//
// Measuring must cost next to nothing, or we would measure ourselves: a worker counts on cache
// lines of its own, and all that it shares with others is one flag that is written once, at the
// end. What it got is checked at both ends of each block, or by its place in memory, not byte by
// byte.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace asyncstream::tools::bench {

/// What one worker has done, and when it is to stop. Two cache lines: processors fetch pairs.
struct alignas(128) Counter {
  std::size_t number = 0;  // of the worker, from 0
  std::int64_t ops = 0;
  std::int64_t bytes = 0;
  std::int64_t worst_wait = 0;              // ns; of fair-* only
  std::int64_t limit = 0;                   // of ops; 0: until the time is over
  std::int64_t ended = 0;                   // ns of the steady clock
  const std::atomic<bool>* over = nullptr;  // orders nothing, so a relaxed load will do

  /// Does the operation and keeps how long the longest one took.
  template <class F>
  auto timed(F operation) {
    const auto begun = std::chrono::steady_clock::now();
    auto result = operation();
    const std::chrono::nanoseconds wait = std::chrono::steady_clock::now() - begun;
    worst_wait = std::max<std::int64_t>(worst_wait, wait.count());
    return result;
  }
  bool done() const { return limit > 0 ? ops >= limit : over->load(std::memory_order_relaxed); }
  /// Counts an operation; tells whether to do another.
  bool more(std::size_t n) {
    ++ops;
    bytes += static_cast<std::int64_t>(n);
    return !done();
  }
};

/// What a workload has to say beside what is counted for all: name → number.
using Findings = std::map<std::string, std::int64_t>;

/// Set up by its constructor. Only the time between the first work() and the last one's end counts.
class Workload {
 public:
  virtual ~Workload() = default;
  /// How many work at once.
  virtual std::size_t workers() const { return 1; }
  /// The body of one worker, on a thread of its own, until counter.done().
  virtual void work(Counter& counter) = 0;
  /// After all workers have ended: ends what was set up, and looks whether anything was lost.
  virtual void finish(Findings&) {}
};

using Numbers = std::span<const std::size_t>;
using Maker = std::unique_ptr<Workload> (*)(Numbers);

/// A family of workloads: its name's words, how many numbers follow, and what makes one of them.
struct Family {
  std::string_view words;
  std::size_t numbers;
  Maker make;
};

// One function a file of workloads.
std::span<const Family> reading_families();
std::span<const Family> filling_families();
std::span<const Family> channel_families();
std::span<const Family> peer_families();
std::span<const Family> trace_families();
std::span<const Family> resource_families();

/// Ends the program with one line.
[[noreturn]] void fail(std::string_view what);

/// What does not do its work has no speed.
inline void must(bool holds, std::string_view what) {
  if (!holds) [[unlikely]]
    fail(what);
}

/// The byte at an offset of the memory that all workloads read.
constexpr std::byte byte_at(std::size_t offset) {
  return static_cast<std::byte>(static_cast<unsigned char>(offset * 131));
}

inline constexpr std::size_t kStreamSize = std::size_t{64} << 20;

/// Memory that has been written to, so that no page of it is the kernel's one page of zeros.
std::vector<std::byte> filled(std::size_t size);

/// Checks a block read at an offset of such memory, by its ends.
inline void must_be_block(std::span<const std::byte> block, std::size_t offset) {
  must(!block.empty() && block.front() == byte_at(offset) &&
           block.back() == byte_at(offset + block.size() - 1),
       "a read gave wrong bytes");
}

}  // namespace asyncstream::tools::bench
