// SPDX-License-Identifier: Apache-2.0
//
// The seam: all that the core takes from the machine. Atomic words, sleeping on one and waking a
// sleeper, the clock, a pause while spinning, and (thread.hpp) threads. Nothing else names
// any of them, so a test build can put a scheduler in their place (CSP_SEAM names its header) that
// runs one thread at a time and decides every switch, without a change to the core.
//
// Sleeping is Linux's futex: a word and the kernel, no object to construct or destroy, hence no
// global state and nothing to free (C48). It may return for no reason; callers look again.
#pragma once

#include "csp/detail/word.hpp"

#ifndef CSP_SEAM

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace csp::detail::seam {

using Clock = std::chrono::steady_clock;

inline Clock::time_point now() { return Clock::now(); }

/// Sleeps while `word` holds `expected`, until woken, the deadline (steady clock; max() is never),
/// a signal, or nothing at all. False: the deadline has passed.
bool sleep(Word& word, std::uint32_t expected, Clock::time_point deadline);

/// Wakes one sleeper of the word at this address. The address is only a name to the kernel: it is
/// not read, so the word's memory may be gone already (then a thread that sleeps at the same
/// address again is woken for nothing, which sleepers allow for).
void wake_one(const Word* word);

/// How often to look at a word before sleeping on it: 0 where only one thread runs at a time.
unsigned spin_limit();

/// One look's worth of waiting: about 25 ns here, and kind to the other hardware thread.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

/// A stop request's call; its destructor waits for a running one.
template <class F>
using StopCallback = std::stop_callback<F>;

}  // namespace csp::detail::seam

#endif
