// SPDX-License-Identifier: Apache-2.0
//
// Reads TEST_SEED (seed.hpp). A value that is not a number ends the run, because a replay with a
// different seed would pass for the wrong reason.
#include "seed.hpp"

#include <cerrno>
#include <csp/select.hpp>
#include <cstdio>
#include <cstdlib>

namespace support {
namespace {

constexpr std::uint64_t kDefault = 20240229;
constexpr std::uint64_t kStride = 0x9e3779b97f4a7c15;

std::uint64_t from_environment() {
  const char* const text = std::getenv("TEST_SEED");
  if (!text) return kDefault;
  char* end = nullptr;
  errno = 0;
  const std::uint64_t value = std::strtoull(text, &end, 0);
  if (end == text || *end != '\0' || errno != 0) {
    std::fprintf(stderr, "TEST_SEED: '%s' is not a number of 64 bits\n", text);
    std::exit(2);
  }
  return value;
}

}  // namespace

std::uint64_t seed() {
  static const std::uint64_t value = from_environment();
  return value;
}

std::mt19937_64 generator(std::uint64_t number) {
  return std::mt19937_64(seed() + number * kStride);
}

void seed_this_thread(std::uint64_t number) { csp::seed_select(seed() + number * kStride); }

}  // namespace support
