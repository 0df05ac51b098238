// SPDX-License-Identifier: Apache-2.0
//
// race() runs two functions against each other, round after round, as close in time as possible. A
// thread made anew for each round would come far too late for a window of a few nanoseconds. So
// both sides are already running, and meet at an atomic before each round. Then each waits for a
// random time of up to about a microsecond, so that all relative positions occur.
//
// On a busy machine a round costs whole time slices, and thousands of rounds would take minutes. So
// a race also ends when its time is up, but never before a tenth of its rounds.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <limits>
#include <random>

#include "seed.hpp"
#include "threads.hpp"

namespace support {

/// Passes a short random time without a system call.
inline void linger(std::mt19937_64& random, unsigned most = 300) {
  for (std::uint64_t i = random() % most; i > 0; --i) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
}

/// Waits until the counter differs from `before`: polls for a while, then sleeps.
inline void await_change(const std::atomic<std::size_t>& counter, std::size_t before) {
  for (unsigned looks = 0; looks < 2000 && counter == before; ++looks) {
  }
  counter.wait(before);
}

/// `rounds` times: prepare(), then here() on this thread against there() on another, then after().
template <class Prepare, class Here, class There, class After>
void race(std::size_t rounds, Prepare prepare, Here here, There there, After after) {
  constexpr std::chrono::seconds kTime{2};
  constexpr std::size_t kOver = std::numeric_limits<std::size_t>::max();
  const auto deadline = std::chrono::steady_clock::now() + kTime;
  std::atomic<std::size_t> begun{0};
  std::atomic<std::size_t> ended{0};
  Threads threads;
  threads.run([&] {
    std::mt19937_64 random = generator(1);
    for (std::size_t round = 1;; ++round) {
      await_change(begun, round - 1);
      if (begun == kOver) return;
      linger(random);
      there();
      ended = round;
      ended.notify_one();
    }
  });
  std::mt19937_64 random = generator(2);
  for (std::size_t round = 1; round <= rounds; ++round) {
    if (round > rounds / 10 && std::chrono::steady_clock::now() > deadline) break;
    prepare();
    begun = round;
    begun.notify_one();
    linger(random);
    here();
    await_change(ended, round - 1);
    after();
  }
  begun = kOver;
  begun.notify_one();
}

}  // namespace support
