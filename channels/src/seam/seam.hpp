// SPDX-License-Identifier: Apache-2.0
//
// The seam: everything that the core takes from the machine. It consists of atomic words, sleeping
// on a word and waking the sleeper, the clock, a pause for spinning, and threads (thread.hpp). The
// core takes them from nowhere else. A test build can therefore replace them by a scheduler that
// runs one thread at a time and decides every switch, with the core unchanged; CSP_SEAM names the
// replacement's header.
//
// Sleeping uses Linux's futex: a word and the kernel, with no object to construct or destroy, hence
// no global state and nothing to free (C48). A sleep may end spuriously, so callers check their
// condition again.
#pragma once

#include "csp/detail/word.hpp"

#ifndef CSP_SEAM

#include <chrono>
#include <cstdint>
#include <stop_token>

namespace csp::detail::seam {

using Clock = std::chrono::steady_clock;

inline Clock::time_point now() { return Clock::now(); }

/// Sleeps while `word` holds `expected`, until woken, until the deadline (steady clock; max() means
/// never), or until a signal arrives; it may also return spuriously. Returns false if the deadline
/// has passed.
bool sleep(Word& word, std::uint32_t expected, Clock::time_point deadline);

/// Wakes one thread that sleeps on the word at this address. The kernel uses the address only as a
/// name and does not read it, so the word's memory may already be freed. If another thread sleeps
/// on a new word at the same address, it wakes spuriously, which every sleeper allows for.
void wake_one(const Word* word);

/// How often to check a word, with a pause after each, before sleeping on it or giving way; 0 where
/// only one thread runs at a time.
unsigned spin_limit();

/// Lets another thread that is ready on this processor run. Returns false if yielding is not worth
/// it at the moment (give_way.cpp).
bool give_way();

/// The pause between two checks: about 25 ns (measured on x86-64). It leaves resources to the other
/// hardware thread of the core.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

/// Calls F when stop is requested. The destructor waits for a call that is running.
template <class F>
using StopCallback = std::stop_callback<F>;

}  // namespace csp::detail::seam

#endif
