// SPDX-License-Identifier: Apache-2.0
//
// The random choice of select: SplitMix64 (Steele, Lea, Flood 2014), which takes one addition and
// three mixing steps, passes the usual test batteries, and accepts every seed. The state is a
// trivial thread_local: there is nothing to construct or destroy when threads come and go, and it
// is usable in a thread's last destructors (C47, C48).
#include "core/random.hpp"

#include "csp/select.hpp"
#include "seam/annotations.hpp"
#include "seam/seam.hpp"

namespace csp {
namespace detail {
namespace {

constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
// relaxed everywhere: the counter only gives each thread a different value and orders nothing.
constinit seam::Word threads_seen{0};
constinit thread_local std::uint64_t state CSP_NEAR = 0;  // 0: not seeded yet

std::uint64_t next() noexcept {
  if (state == 0) state = (threads_seen.fetch_add(1, std::memory_order_relaxed) + 1) * kStep;
  std::uint64_t z = (state += kStep);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

// Multiply-shift: the bias for n cases is n / 2^32, too small for any test to detect.
std::uint32_t random_below(std::uint32_t n) noexcept {
  return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
}

}  // namespace detail

void seed_select(std::uint64_t seed) noexcept { detail::state = seed * detail::kStep | 1; }

}  // namespace csp
