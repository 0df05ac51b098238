// SPDX-License-Identifier: Apache-2.0
//
// How much work a test does. A test states its size for an ordinary build; scaled() takes less of
// it under a sanitizer, which makes everything 5 to 20 times slower. TEST_SCALE, a factor such as
// 10 for a long run or 0.1 for a slow machine, multiplies the result. Only repetitions are scaled,
// never the shape of a case: its capacities, and its numbers of cases and threads.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_THREAD__)
#define TESTS_UNDER_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TESTS_UNDER_TSAN 1
#endif
#endif
#ifndef TESTS_UNDER_TSAN
#define TESTS_UNDER_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TESTS_UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TESTS_UNDER_ASAN 1
#endif
#endif
#ifndef TESTS_UNDER_ASAN
#define TESTS_UNDER_ASAN 0
#endif

namespace support {

/// The number of repetitions to do; at least 1.
std::size_t scaled(std::size_t repetitions);

/// The factor by which deadlines that turn a hang into a failure are longer than in an ordinary
/// build.
unsigned patience();

}  // namespace support
