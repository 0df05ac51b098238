// SPDX-License-Identifier: Apache-2.0
//
// The interface of a workload of `asyncstream bench`: workers that repeat one kind of operation,
// what must exist before they begin, and the check when they have ended.
//
// Measuring must cost almost nothing, because otherwise it would measure itself. A worker counts on
// its own cache lines, and all that it shares with others is one flag that is written once, at the
// end. Its bytes are checked at both ends of each block, or by their place in memory, not one by
// one.
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

/// What one worker has done, and when it must stop. Two cache lines: processors fetch pairs.
struct alignas(128) Counter {
  std::size_t number = 0;  // of the worker, from 0
  std::int64_t ops = 0;
  std::int64_t bytes = 0;
  std::int64_t worst_wait = 0;              // ns; of fair-* only
  std::int64_t limit = 0;                   // of ops; 0: until the time is over
  std::int64_t ended = 0;                   // ns of the steady clock
  const std::atomic<bool>* over = nullptr;  // orders nothing, so a relaxed load suffices

  /// Performs the operation and records the longest duration.
  template <class F>
  auto timed(F operation) {
    const auto begun = std::chrono::steady_clock::now();
    auto result = operation();
    const std::chrono::nanoseconds wait = std::chrono::steady_clock::now() - begun;
    worst_wait = std::max<std::int64_t>(worst_wait, wait.count());
    return result;
  }
  bool done() const { return limit > 0 ? ops >= limit : over->load(std::memory_order_relaxed); }
  /// Counts an operation; returns whether to do another.
  bool more(std::size_t n) {
    ++ops;
    bytes += static_cast<std::int64_t>(n);
    return !done();
  }
};

/// Values that a workload reports in addition to the common ones: name → number.
using Findings = std::map<std::string, std::int64_t>;

/// The constructor sets it up. Only the time from the first work() to the end of the last one
/// counts.
class Workload {
 public:
  virtual ~Workload() = default;
  /// How many workers run at once.
  virtual std::size_t workers() const { return 1; }
  /// The body of one worker, on its own thread, until counter.done().
  virtual void work(Counter& counter) = 0;
  /// After all workers have ended: tears down, and checks that nothing was lost.
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

// One function for each file of workloads.
std::span<const Family> reading_families();
std::span<const Family> filling_families();
std::span<const Family> channel_families();
std::span<const Family> peer_families();
std::span<const Family> trace_families();
std::span<const Family> resource_families();

/// Ends the program with one line.
[[noreturn]] void fail(std::string_view what);

/// Fails unless the condition holds: a workload that does not do its work has no speed.
inline void must(bool holds, std::string_view what) {
  if (!holds) [[unlikely]]
    fail(what);
}

/// The byte at an offset of the memory that all workloads read.
constexpr std::byte byte_at(std::size_t offset) {
  return static_cast<std::byte>(static_cast<unsigned char>(offset * 131));
}

inline constexpr std::size_t kStreamSize = std::size_t{64} << 20;

/// Memory that has been written to, so that no page of it is the kernel's shared page of zeros.
std::vector<std::byte> filled(std::size_t size);

/// Checks a block that was read at an offset of such memory, by its ends.
inline void must_be_block(std::span<const std::byte> block, std::size_t offset) {
  must(!block.empty() && block.front() == byte_at(offset) &&
           block.back() == byte_at(offset + block.size() - 1),
       "a read gave wrong bytes");
}

}  // namespace asyncstream::tools::bench
