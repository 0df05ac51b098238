// SPDX-License-Identifier: Apache-2.0
//
// See trace_engine.hpp. Its counters are read and written relaxed: that an event is seen whole
// comes from the queue, and that a number means what it says from the channel's lock; a wait for
// progress looks again under the mutex.
#include "trace_engine.hpp"

#include <pthread.h>

#include <utility>
#include <vector>

#include "core.hpp"

namespace csp {
namespace detail {

constinit std::atomic<bool> trace_switch{false};

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
constinit std::atomic<bool> checksums{false};
constinit thread_local bool drains = false;
}  // namespace

// A thread's place in the queue: its own producer, given back when the thread ends. Events that a
// thread makes later still, in destructors that run after this one, go in without a token.
struct TraceEngine::Producer {
  explicit Producer(Queue& queue) : token(queue) { ended = false; }
  ~Producer() { ended = true; }
  moodycamel::ProducerToken token;
  static constinit thread_local bool ended;
};
constinit thread_local bool TraceEngine::Producer::ended = false;

TraceEngine& TraceEngine::get() {
  static TraceEngine* const engine = new TraceEngine;  // never destroyed
  return *engine;
}

bool TraceEngine::is_drainer() { return drains; }

bool TraceEngine::too_many(std::uint64_t more) const {
  return last_.load(kRelaxed) + more > done_.load(kRelaxed) + capacity_.load(kRelaxed);
}

void TraceEngine::number(Waiter* first, Waiter* second) {
  const std::uint64_t count = (first != nullptr) + (second != nullptr);
  if (drops_.load(kRelaxed) && too_many(count)) {
    dropped_.fetch_add(count, kRelaxed);
    return;
  }
  // relaxed: the channel's lock orders numbers on one channel, and a thread's own program order
  // those of one process; the atomic's own order is the total order.
  std::uint64_t next = last_.fetch_add(count, kRelaxed);
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
  if (Producer::ended) {
    queue_.enqueue(std::move(event));
  } else {
    thread_local Producer producer(queue_);
    queue_.enqueue(producer.token, std::move(event));
  }
  // Waits for room after the push: an event that is numbered but not in the queue would stop the
  // drainer, which is who makes room.
  if (!drops_.load(kRelaxed) && too_many()) {
    std::unique_lock lock(mutex_);
    progress_.wait(lock, [&] { return !running_ || !too_many(); });
  }
}

void TraceEngine::attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
  std::unique_lock changing(changing_);
  {
    std::unique_lock lock(mutex_);
    audience_.add(std::move(recorder), std::move(options), last_.load(kRelaxed) + 1);
    configure();
    if (!running_) {
      running_ = true;
      drainer_ = std::thread([this] { drain(); });
      pthread_setname_np(drainer_.native_handle(), "trace");
    }
  }
  trace_switch.store(true, kRelaxed);
}

void TraceEngine::detach(const std::shared_ptr<Recorder>& recorder) {
  std::unique_lock changing(changing_);
  {
    std::unique_lock lock(mutex_);
    if (audience_.size() == 1) trace_switch.store(false, kRelaxed);
  }
  flush();
  std::unique_lock lock(mutex_);
  if (const std::uint64_t lost = dropped_.exchange(0, kRelaxed)) audience_.dropped(lost);
  if (!audience_.remove(recorder)) return;
  configure();
  if (audience_.size() > 0) return;
  running_ = false;
  lock.unlock();
  queue_.enqueue(Event{});  // number 0: wakes the drainer
  drainer_.join();
  progress_.notify_all();
}

void TraceEngine::flush() {
  std::unique_lock lock(mutex_);
  if (audience_.size() == 0) return;
  const std::uint64_t target = last_.load(kRelaxed);
  progress_.wait(lock, [&] { return done_.load(kRelaxed) >= target; });
  audience_.flush();
}

void TraceEngine::configure() {
  const Audience::Needs needs = audience_.needs();
  capacity_.store(needs.capacity, kRelaxed);
  drops_.store(needs.drops, kRelaxed);
  checksums.store(needs.checksums, kRelaxed);
}

void TraceEngine::drain() {
  drains = true;
  moodycamel::ConsumerToken token(queue_);
  std::map<std::uint64_t, Event> early;
  std::vector<Event> batch(256);
  while (running_.load(kRelaxed)) {
    const std::size_t n = queue_.wait_dequeue_bulk(token, batch.begin(), batch.size());
    std::unique_lock lock(mutex_);
    std::uint64_t done = done_.load(kRelaxed);
    const auto record = [&](const Event& event) {
      audience_.record(event);
      done_.store(++done, kRelaxed);
    };
    for (std::size_t i = 0; i < n; ++i) {
      if (batch[i].sequence != done + 1) {
        if (batch[i].sequence != 0) early.emplace(batch[i].sequence, batch[i]);
        continue;
      }
      record(batch[i]);
      while (!early.empty() && early.begin()->first == done + 1) {
        record(early.begin()->second);
        early.erase(early.begin());
      }
    }
    lock.unlock();
    progress_.notify_all();
  }
}

}  // namespace detail

void Fields::add_crc32(const char* name, std::span<const std::byte> bytes) {
  if (detail::checksums.load(detail::kRelaxed)) put(name, Checksum{crc32(bytes)});
}

}  // namespace csp
