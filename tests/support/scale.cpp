// SPDX-License-Identifier: Apache-2.0
//
// Reads TEST_SCALE and TEST_PATIENCE (scale.hpp) once. A value that is not a positive number ends
// the run, because a test run of an unintended size proves nothing.
#include "scale.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace support {
namespace {

constexpr bool kSanitized = TESTS_UNDER_TSAN || TESTS_UNDER_ASAN;

double positive_from_environment(const char* name, double otherwise) {
  const char* const text = std::getenv(name);
  if (!text) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(text, &end);
  if (end == text || *end != '\0' || !(value > 0)) {
    std::fprintf(stderr, "%s: '%s' is not a positive number\n", name, text);
    std::exit(2);
  }
  return value;
}

}  // namespace

std::size_t scaled(std::size_t repetitions) {
  static const double factor =
      positive_from_environment("TEST_SCALE", 1.0) * (kSanitized ? 0.125 : 1.0);
  return std::max<std::size_t>(1, static_cast<std::size_t>(double(repetitions) * factor));
}

unsigned patience() {
  static const double factor =
      positive_from_environment("TEST_PATIENCE", 1.0) * (kSanitized ? 5.0 : 1.0);
  return std::max(1U, static_cast<unsigned>(factor));
}

}  // namespace support
