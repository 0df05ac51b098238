// SPDX-License-Identifier: Apache-2.0
//
// The trace's engine: numbers, queue, draining thread, attachments.
//
// Events come out of the queue in some order of the threads that pushed them (moodycamel's queue
// keeps the order of each producer only). The draining thread puts them back into the order of
// their numbers: numbers have no gaps, since every number taken is pushed, so it holds back what is
// too early until the missing one arrives.
//
// An event counts as on its way from its number to its record. When too many are, Overflow::drop
// takes no number but counts; Overflow::block lets the pushing thread wait, after its operation and
// without any lock of a channel. The draining thread itself is never traced and never waits.
//
// The engine is made by the first attach() and lives until the program's end, so that channels may
// be used, and traced, in the last destructors (C48). Its thread runs only while something is
// attached.
#include "csp/trace.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include CSP_CONCURRENTQUEUE
#include "core.hpp"
#include "csp/process.hpp"
#include "trace_hook.hpp"

namespace csp {
namespace detail {

constinit std::atomic<bool> trace_switch{false};

namespace {

constinit std::atomic<bool> checksums{false};
constinit thread_local bool is_drainer = false;

using Queue = moodycamel::BlockingConcurrentQueue<Event>;

// A thread's place in the queue: its own producer, given back when the thread ends. Events that a
// thread makes later still, in destructors that run after this one, go in without a token.
struct Producer {
  explicit Producer(Queue& queue) : token(queue) { ended = false; }
  ~Producer() { ended = true; }
  moodycamel::ProducerToken token;
  static constinit thread_local bool ended;
};
constinit thread_local bool Producer::ended = false;

class Engine {
 public:
  static Engine& get() {
    static Engine* const engine = new Engine;  // never destroyed
    return *engine;
  }

  /// Under a channel's lock: so nothing here may wait. Null for an unnumbered side.
  void number(Waiter* first, Waiter* second) {
    const std::uint64_t count = (first != nullptr) + (second != nullptr);
    if (drops_.load(std::memory_order_relaxed) &&
        last_.load(std::memory_order_relaxed) + count >
            done_.load(std::memory_order_relaxed) + capacity_.load(std::memory_order_relaxed)) {
      dropped_.fetch_add(count, std::memory_order_relaxed);
      return;
    }
    // relaxed: the channel's lock orders numbers on one channel, and a thread's own program order
    // those of one process; the atomic's own order is the total order.
    std::uint64_t next = last_.fetch_add(count, std::memory_order_relaxed);
    const Clock::time_point now = Clock::now();
    for (Waiter* const waiter : {first, second}) {
      if (!waiter) continue;
      waiter->sequence = ++next;
      waiter->time = now;
    }
  }

  void push(Event&& event) {
    event.dropped = dropped_.load(std::memory_order_relaxed) == 0
                        ? 0
                        : dropped_.exchange(0, std::memory_order_relaxed);
    if (Producer::ended) {
      queue_.enqueue(std::move(event));
    } else {
      thread_local Producer producer(queue_);
      queue_.enqueue(producer.token, std::move(event));
    }
    // Waits for room after the push: an event that is numbered but not in the queue would stop the
    // drainer, which is who makes room.
    if (!drops_.load(std::memory_order_relaxed) &&
        last_.load(std::memory_order_relaxed) >
            done_.load(std::memory_order_relaxed) + capacity_.load(std::memory_order_relaxed)) {
      std::unique_lock lock(mutex_);
      progress_.wait(lock, [&] {
        return !running_ || last_.load(std::memory_order_relaxed) <=
                                done_.load(std::memory_order_relaxed) +
                                    capacity_.load(std::memory_order_relaxed);
      });
    }
  }

  void attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
    if (!recorder) throw std::invalid_argument("csp: attach needs a recorder, not null");
    std::unique_lock changing(changing_);
    {
      std::unique_lock lock(mutex_);
      for (const Attached& a : attached_) {
        if (a.recorder == recorder) throw std::invalid_argument("csp: recorder attached twice");
      }
      attached_.push_back(
          {std::move(recorder), std::move(options), last_.load(std::memory_order_relaxed) + 1});
      configure();
      if (!running_) {
        running_ = true;
        drainer_ = std::thread([this] { drain(); });
        pthread_setname_np(drainer_.native_handle(), "trace");
      }
    }
    trace_switch.store(true, std::memory_order_relaxed);
  }

  void detach(const std::shared_ptr<Recorder>& recorder) {
    std::unique_lock changing(changing_);
    {
      std::unique_lock lock(mutex_);
      if (attached_.size() == 1) trace_switch.store(false, std::memory_order_relaxed);
    }
    flush();
    std::unique_lock lock(mutex_);
    const auto place = std::find_if(attached_.begin(), attached_.end(),
                                    [&](const Attached& a) { return a.recorder == recorder; });
    if (place == attached_.end()) return;
    if (const std::uint64_t lost = dropped_.exchange(0, std::memory_order_relaxed)) {
      for (Attached& a : attached_) guarded([&] { a.recorder->dropped(lost); });
    }
    attached_.erase(place);
    configure();
    if (!attached_.empty()) return;
    running_ = false;
    lock.unlock();
    queue_.enqueue(Event{});  // number 0: wakes the drainer
    drainer_.join();
    progress_.notify_all();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    if (attached_.empty()) return;
    const std::uint64_t target = last_.load(std::memory_order_relaxed);
    progress_.wait(lock, [&] { return done_.load(std::memory_order_relaxed) >= target; });
    for (Attached& a : attached_) guarded([&] { a.recorder->flush(); });
  }

 private:
  struct Attached {
    std::shared_ptr<Recorder> recorder;
    TraceOptions options;
    std::uint64_t from;  // older events are not for it
  };

  void configure() {  // mutex_ held
    std::size_t capacity = 1;
    bool drops = !attached_.empty();
    bool wants_checksums = false;
    for (const Attached& a : attached_) {
      capacity = std::max(capacity, a.options.capacity);
      drops = drops && a.options.overflow == Overflow::drop;
      wants_checksums = wants_checksums || a.options.checksums;
    }
    capacity_.store(capacity, std::memory_order_relaxed);
    drops_.store(drops, std::memory_order_relaxed);
    checksums.store(wants_checksums, std::memory_order_relaxed);
  }

  void drain() {
    is_drainer = true;
    moodycamel::ConsumerToken token(queue_);
    std::map<std::uint64_t, Event> early;
    std::vector<Event> batch(256);
    while (running_.load(std::memory_order_relaxed)) {
      const std::size_t n = queue_.wait_dequeue_bulk(token, batch.begin(), batch.size());
      for (std::size_t i = 0; i < n; ++i) {
        if (batch[i].sequence != 0) early.emplace(batch[i].sequence, batch[i]);
      }
      std::unique_lock lock(mutex_);
      std::uint64_t done = done_.load(std::memory_order_relaxed);
      while (!early.empty() && early.begin()->first == done + 1) {
        deliver(early.begin()->second);
        early.erase(early.begin());
        done_.store(++done, std::memory_order_relaxed);
      }
      lock.unlock();
      progress_.notify_all();
    }
  }

  void deliver(const Event& event) {  // mutex_ held
    const EventNames names = names_of(event);
    const auto wanted = [](const std::vector<std::string>& list, std::string_view name) {
      return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
    };
    for (Attached& a : attached_) {
      if (event.sequence < a.from) continue;
      if (event.dropped > 0 || (wanted(a.options.channels, names.channel) &&
                                wanted(a.options.processes, names.process))) {
        guarded([&] { a.recorder->record(event); });
      }
    }
  }

  template <class F>
  void guarded(F&& f) {
    try {
      f();
    } catch (const std::exception& e) {
      complain(e.what());
    } catch (...) {
      complain("something that is no std::exception");
    }
  }

  void complain(const char* what) {
    if (complained_) return;
    complained_ = true;
    std::fprintf(stderr, "csp: a trace recorder threw (further ones are not told): %s\n", what);
  }

  Queue queue_;
  std::atomic<std::uint64_t> last_{0};     // the last number taken
  std::atomic<std::uint64_t> done_{0};     // all up to this one are recorded
  std::atomic<std::uint64_t> dropped_{0};  // since the last event that told of it
  std::atomic<std::size_t> capacity_{1};
  std::atomic<bool> drops_{false};
  std::atomic<bool> running_{false};

  std::mutex changing_;  // one attach or detach at a time; never held by the drainer
  std::mutex mutex_;     // guards attached_ and the recorders
  std::condition_variable progress_;
  std::vector<Attached> attached_;
  std::thread drainer_;
  bool complained_ = false;
};

// Here, in a file that every program with channels links, so that the variable works in all of
// them, also where this library is an archive.
[[maybe_unused]] const bool kFromEnvironment = trace_from_environment();

Event make_event(const Waiter& waiter, Op op) {
  Event event;
  event.sequence = waiter.sequence;
  event.time = waiter.time.time_since_epoch() / std::chrono::nanoseconds(1);
  event.op = op;
  event.process = Process::current_name();
  event.channel = waiter.channel->name();
  return event;
}

}  // namespace

void number_events(Waiter* first, Waiter* second) {
  const auto traced = [](Waiter* w) {
    // A send that was blocked before the trace began has not described itself: it stays out.
    return w && w->channel->named() && (!w->sends || w->described) ? w : nullptr;
  };
  first = traced(first);
  second = traced(second);
  if ((first || second) && !is_drainer) Engine::get().number(first, second);
}

void TracedCall::describe(std::span<Waiter> cases) {
  described_.clear();
  for (Waiter& waiter : cases) waiter.described = nullptr;
  if (!trace_on()) return;
  began_ = Clock::now();
  described_.reserve(cases.size());  // so that the pointers below stay good
  for (Waiter& waiter : cases) {
    if (!waiter.sends || !waiter.channel || !waiter.channel->named()) continue;
    waiter.channel->type().describe(waiter.value, false, described_.emplace_back());
    waiter.described = &described_.back();
  }
}

void TracedCall::push(const Waiter& waiter, bool blocked) {
  const bool closed = waiter.outcome == Outcome::closed;
  Event event = make_event(waiter, closed ? Op::closed : waiter.sends ? Op::send : Op::recv);
  if (blocked && began_ != Clock::time_point{}) {
    event.waited = event.time - began_.time_since_epoch() / std::chrono::nanoseconds(1);
  }
  if (!closed) {
    if (waiter.sends) {
      event.message = *waiter.described;
    } else {
      waiter.channel->type().describe(waiter.value, true, event.message);
    }
  }
  Engine::get().push(std::move(event));
}

void push_close(const Waiter& waiter) { Engine::get().push(make_event(waiter, Op::close)); }

}  // namespace detail

Attachment attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
  detail::Engine::get().attach(recorder, std::move(options));
  return Attachment(std::move(recorder));
}

Attachment::Attachment(Attachment&& other) noexcept = default;

Attachment& Attachment::operator=(Attachment&& other) noexcept {
  std::swap(recorder_, other.recorder_);
  return *this;
}

Attachment::~Attachment() {
  if (recorder_) detail::Engine::get().detach(recorder_);
}

void flush_trace() {
  if (detail::trace_on()) detail::Engine::get().flush();
}

void Fields::add_crc32(const char* name, std::span<const std::byte> bytes) {
  if (detail::checksums.load(std::memory_order_relaxed)) put(name, Checksum{crc32(bytes)});
}

}  // namespace csp
