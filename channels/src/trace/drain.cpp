// SPDX-License-Identifier: Apache-2.0
//
// The draining thread of the trace's engine: it restores the order of the numbers, records the
// events, and sleeps while there are none. See engine.hpp.
#include <chrono>
#include <new>

#include "trace/engine.hpp"

namespace csp::detail {
namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr std::chrono::microseconds kNap{100};
constexpr int kNaps = 10;
}  // namespace

void TraceEngine::call() {
  std::unique_lock lock(waiting_);
  asleep_.store(false, kRelaxed);
  called_.notify_one();
}

bool TraceEngine::rest(int naps) {
  std::unique_lock lock(waiting_);
  if (ending_ && !lost_) return false;
  if (naps < kNaps || lost_) {
    called_.wait_for(lock, kNap);
    return true;
  }
  asleep_.store(true, std::memory_order_seq_cst);  // see number()
  if (last_.load(std::memory_order_seq_cst) != done_.load(kRelaxed)) {
    called_.wait_for(lock, kNap);  // an event is pending
  } else {
    called_.wait(lock, [&] { return ending_ || !asleep_.load(kRelaxed); });
  }
  asleep_.store(false, kRelaxed);
  return true;
}

void TraceEngine::drain() {
  moodycamel::ConsumerToken token(queue_);
  for (int naps = 0;;) {
    const std::size_t n = queue_.try_dequeue_bulk(token, batch_.begin(), batch_.size());
    const std::uint64_t before = done_.load(kRelaxed);
    std::uint64_t done = before;
    if (n > 0) {
      std::unique_lock lock(mutex_);
      for (std::size_t i = 0; i < n; ++i) take(batch_[i], done);
    }
    done = count_lost(done);
    if (done != before) {
      std::unique_lock lock(waiting_);
      // Stored once per batch: pushing threads read done_, and a store after every event would
      // cause them a cache miss each time.
      done_.store(done, kRelaxed);
      progress_.notify_all();
    }
    if (n > 0 || done != before) {
      naps = 0;
      continue;
    }
    // Flushed before the drainer sleeps, so that the trace is complete if the program hangs or is
    // killed.
    if (naps == kNaps) {
      std::unique_lock lock(mutex_);
      for_each_recorder([](Recorder& r) { r.flush(); });
    }
    if (!rest(naps++)) return;
  }
}

/// Records the event and any later ones that were held back for it, or holds this one back until
/// its turn. An event that was numbered before this drainer started is for no recorder.
void TraceEngine::take(Event& event, std::uint64_t& done) {
  if (event.sequence <= done) return;
  if (event.sequence != done + 1) {
    while (true) {
      try {
        early_.emplace(event.sequence, event);
        return;
      } catch (const std::bad_alloc&) {  // retry: other threads may free memory
        std::this_thread::sleep_for(kNap);
      }
    }
  }
  record(event);
  ++done;
  take_early(done);
}

void TraceEngine::take_early(std::uint64_t& done) {
  while (!early_.empty() && early_.begin()->first == done + 1) {
    record(early_.begin()->second);
    early_.erase(early_.begin());
    ++done;
  }
}

/// Skips the numbers whose events will not come, and counts them as dropped.
std::uint64_t TraceEngine::count_lost(std::uint64_t done) {
  while (true) {
    {
      std::unique_lock lock(waiting_);
      Lost** place = &lost_;
      while (*place && (*place)->sequence != done + 1) place = &(*place)->next;
      if (!*place) return done;
      Lost* const lost = *place;
      *place = lost->next;
      lost->counted = true;
      dropped_.fetch_add(1, kRelaxed);
      progress_.notify_all();
    }
    ++done;
    std::unique_lock lock(mutex_);
    take_early(done);
  }
}

}  // namespace csp::detail
