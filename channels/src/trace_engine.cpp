// SPDX-License-Identifier: Apache-2.0
//
// See trace_engine.hpp. Its counters are read and written relaxed, but for the one question whether
// the drainer may sleep: that an event is seen whole comes from the queue, and that a number means
// what it says from the channel's lock; a wait for progress looks again under the mutex.
#include "trace_engine.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "annotations.hpp"
#include "core.hpp"
#include "server.hpp"

namespace csp {
namespace detail {

constinit std::atomic<bool> trace_switch{false};

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
constinit std::atomic<bool> checksums{false};
// This thread is in a recorder: what it does is not traced, and must not wait for the trace.
constinit thread_local bool inside_recorder CSP_NEAR = false;

// Nor does it run others' handlers, which would not be traced, or wait for the trace.
struct InRecorder {
  InRecorder() {
    inside_recorder = true;
    ++carrier.never;
  }
  ~InRecorder() {
    --carrier.never;
    inside_recorder = false;
  }
  InRecorder(const InRecorder&) = delete;
  InRecorder& operator=(const InRecorder&) = delete;
};

/// The drainer would wait for itself; or for a mutex that it has.
void refuse_recorders() {
  if (inside_recorder) throw Misuse("csp: a recorder may not attach, detach or flush");
}

constexpr std::chrono::microseconds kNap{100};
constexpr int kNaps = 10;
}  // namespace

// A thread's place in the queue: its own producer, given back when the thread ends. Events that a
// thread makes later still, in destructors that run after this one, go in without a token.
struct TraceEngine::Producer {
  explicit Producer(Queue& queue) : token(queue) { current = this; }
  ~Producer() {
    current = nullptr;
    ended = true;
  }
  moodycamel::ProducerToken token;
  static constinit thread_local Producer* current CSP_NEAR;
  static constinit thread_local bool ended CSP_NEAR;
};
constinit thread_local TraceEngine::Producer* TraceEngine::Producer::current CSP_NEAR = nullptr;
constinit thread_local bool TraceEngine::Producer::ended CSP_NEAR = false;

TraceEngine& TraceEngine::get() {
  static TraceEngine* const engine = new TraceEngine;  // never destroyed
  return *engine;
}

bool TraceEngine::in_recorder() { return inside_recorder; }

bool TraceEngine::too_many(std::uint64_t more) const {
  return last_.load(kRelaxed) + more > done_.load(kRelaxed) + capacity_.load(kRelaxed);
}

void TraceEngine::number(Waiter* first, Waiter* second) {
  const std::uint64_t count = (first != nullptr) + (second != nullptr);
  if (drops_.load(kRelaxed) && too_many(count)) {
    dropped_.fetch_add(count, kRelaxed);
    return;
  }
  // The channel's lock orders numbers on one channel, and a thread's own program order those of one
  // process; the atomic's own order is the total order. seq_cst, with rest(): either the drainer
  // sees this number before it sleeps, or who pushes its event sees that the drainer sleeps;
  // otherwise the event would lie in the queue until the next one.
  std::uint64_t next = last_.fetch_add(count, std::memory_order_seq_cst);
  const Clock::time_point now = Clock::now();
  for (Waiter* const waiter : {first, second}) {
    if (!waiter) continue;
    waiter->sequence = ++next;
    waiter->time = now;
    waiter->channel->retain();  // until its event is put together
  }
}

void TraceEngine::push(Event&& event) {
  if (dropped_.load(kRelaxed) != 0) event.dropped = dropped_.exchange(0, kRelaxed);
  if (!Producer::current && !Producer::ended) thread_local Producer producer(queue_);
  if (Producer::current) {
    queue_.enqueue(Producer::current->token, std::move(event));
  } else {
    queue_.enqueue(std::move(event));
  }
  if (asleep_.load(std::memory_order_seq_cst)) call();
}

bool TraceEngine::is_full() const {
  return !drops_.load(kRelaxed) && !inside_recorder && too_many();
}

void TraceEngine::wait_for_room() {
  leave_brought();  // a recorder may wait for them
  call();
  std::unique_lock lock(mutex_);
  progress_.wait(lock, [&] { return !running_ || !too_many(); });
}

void TraceEngine::attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
  refuse_recorders();
  leave_brought();  // as above: it has the mutex meanwhile
  std::unique_lock changing(changing_);
  {
    std::unique_lock lock(mutex_);
    audience_.add(recorder, std::move(options), last_.load(kRelaxed) + 1);
    try {
      if (!running_) start();
    } catch (...) {
      audience_.remove(recorder);
      throw;
    }
    configure();
  }
  trace_switch.store(true, kRelaxed);
}

void TraceEngine::start() {
  ending_ = false;  // nobody else is here
  drainer_ = std::thread([this] { drain(); });
  pthread_setname_np(drainer_.native_handle(), "trace");
  running_ = true;
}

void TraceEngine::detach(const std::shared_ptr<Recorder>& recorder) {
  refuse_recorders();
  leave_brought();
  std::unique_lock changing(changing_);
  {
    std::unique_lock lock(mutex_);
    if (audience_.size() == 1) trace_switch.store(false, kRelaxed);
  }
  flush();
  std::unique_lock lock(mutex_);
  if (const std::uint64_t lost = dropped_.exchange(0, kRelaxed)) {
    const InRecorder in_recorder;
    audience_.dropped(lost);
  }
  if (!audience_.remove(recorder)) return;
  configure();
  if (audience_.size() > 0) return;
  running_ = false;
  lock.unlock();
  {
    std::unique_lock resting(resting_);
    ending_ = true;
  }
  called_.notify_one();
  drainer_.join();
  progress_.notify_all();
}

void TraceEngine::flush() {
  refuse_recorders();
  leave_brought();
  std::unique_lock lock(mutex_);
  if (audience_.size() == 0) return;
  const std::uint64_t target = last_.load(kRelaxed);
  call();
  progress_.wait(lock, [&] { return !running_ || done_.load(kRelaxed) >= target; });
  const InRecorder in_recorder;
  audience_.flush();
}

void TraceEngine::configure() {
  const Audience::Needs needs = audience_.needs();
  capacity_.store(std::min(needs.capacity, SIZE_MAX / 2), kRelaxed);  // so that no sum wraps
  drops_.store(needs.drops, kRelaxed);
  checksums.store(needs.checksums, kRelaxed);
}

void TraceEngine::call() {
  {
    std::unique_lock lock(resting_);
    asleep_.store(false, kRelaxed);
  }
  called_.notify_one();
}

bool TraceEngine::rest(int naps) {
  std::unique_lock lock(resting_);
  if (ending_) return false;
  if (naps < kNaps) {
    called_.wait_for(lock, kNap);
    return true;
  }
  asleep_.store(true, std::memory_order_seq_cst);  // as number() says
  if (last_.load(std::memory_order_seq_cst) != done_.load(kRelaxed)) {
    called_.wait_for(lock, kNap);  // an event is on its way
  } else {
    called_.wait(lock, [&] { return ending_ || !asleep_.load(kRelaxed); });
  }
  asleep_.store(false, kRelaxed);
  return true;
}

void TraceEngine::drain() {
  const InRecorder in_recorder;
  moodycamel::ConsumerToken token(queue_);
  std::vector<Event> batch(256);
  for (int naps = 0;;) {
    const std::size_t n = queue_.try_dequeue_bulk(token, batch.begin(), batch.size());
    if (n == 0) {
      if (!rest(naps++)) return;
      continue;
    }
    naps = 0;
    std::unique_lock lock(mutex_);
    std::uint64_t done = done_.load(kRelaxed);
    const auto record = [&](const Event& event) {
      audience_.record(event);
      ++done;
    };
    for (std::size_t i = 0; i < n; ++i) {
      if (batch[i].sequence != done + 1) {
        early_.emplace(batch[i].sequence, batch[i]);
        continue;
      }
      record(batch[i]);
      while (!early_.empty() && early_.begin()->first == done + 1) {
        record(early_.begin()->second);
        early_.erase(early_.begin());
      }
    }
    // Once a batch: whoever pushes reads it, and would miss it in its cache after every event.
    done_.store(done, kRelaxed);
    progress_.notify_all();
  }
}

}  // namespace detail

void Fields::add_crc32(const char* name, std::span<const std::byte> bytes) {
  if (detail::checksums.load(detail::kRelaxed)) put(name, Checksum{crc32(bytes)});
}

}  // namespace csp
