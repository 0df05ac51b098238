// SPDX-License-Identifier: Apache-2.0
//
// The trace's engine: it numbers events, queues them, and drains the queue on one thread into the
// attached recorders.
//
// Events leave the queue in some interleaving of the threads that pushed them, since moodycamel's
// queue keeps only the order of each producer. The draining thread restores the order of the
// numbers. Every number that is taken is also pushed, so the numbers have no gaps, and the drainer
// holds back an early event until the missing ones arrive. (An event that finds no memory is
// reported as lost.)
//
// An event is pending from the moment it gets its number until it is recorded. When too many are
// pending, Overflow::drop takes no number and counts the event; Overflow::block makes the next
// operation wait before it begins, while it holds neither a lock nor a number.
//
// While the queue is empty the drainer sleeps for short periods, so that events gather: waking it
// costs ten times as much as an event. After some such periods it sleeps until it is called.
//
// The engine is created when it is first needed and lives until the program's end, so that channels
// may be used, and traced, in the last destructors (C48). Its thread runs only while a recorder is
// attached. A child of fork has no such thread, and therefore no trace until it attaches a
// recorder.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include CSP_CONCURRENTQUEUE
#include "core/traced.hpp"
#include "csp/trace.hpp"

namespace csp::detail {

/// Reads CSP_TRACE; returns true if it is set. Called before main.
bool trace_from_environment();

/// Makes the calling thread exempt (core/traced.hpp) for the duration of a scope.
class Exempt {
 public:
  Exempt() : before_(std::exchange(trace_exempt, true)) {}
  ~Exempt() { trace_exempt = before_; }
  Exempt(const Exempt&) = delete;
  Exempt& operator=(const Exempt&) = delete;

 private:
  const bool before_;
};

class TraceEngine {
 public:
  static TraceEngine& get();

  /// Takes numbers for one or two sides of an operation; null stands for a side that is not traced.
  /// Called under a channel's lock, so it may not wait. Each numbered side keeps its channel alive,
  /// since its peer may drop the last handle before the event is complete and pushed.
  void number(QueuedCase* first, QueuedCase* second);
  void push(Event&& event);

  /// If the trace is full (Overflow::block), waits until it has room. Called without any lock.
  void wait_for_room();
  /// Called by an exempt thread that is about to wait, or has waited; see UnlimitedTrace.
  void lift_limit(bool lifted);

  void attach(std::shared_ptr<Recorder> recorder, TraceOptions options);
  void detach(const std::shared_ptr<Recorder>& recorder);
  void flush();

 private:
  /// The queue's settings: its memory comes from operator new, so that a replaced operator new
  /// applies to it.
  struct Traits : moodycamel::ConcurrentQueueDefaultTraits {
    static void* malloc(std::size_t size) {
      try {
        return ::operator new(size);
      } catch (const std::bad_alloc&) {
        return nullptr;
      }
    }
    static void free(void* memory) { ::operator delete(memory); }
  };
  using Queue = moodycamel::ConcurrentQueue<Event, Traits>;
  struct Producer;

  /// A recorder with its options.
  struct Attached {
    std::shared_ptr<Recorder> recorder;
    TraceOptions options;
    std::uint64_t from;  // the first number that it records
  };

  /// A number whose event found no memory. It lies on the stack of its thread, which waits until
  /// the drainer has counted it.
  struct Lost {
    std::uint64_t sequence;
    Lost* next;
    bool counted = false;
  };

  bool is_full() const;
  bool too_many(std::uint64_t more = 0) const;  // pending, with `more` to come
  bool enqueue(Event&& event);
  void lose(std::uint64_t sequence);

  void configure();  // this and the next four: called with mutex_ held
  void start();
  void record(const Event& event);
  void for_each_recorder(const std::function<void(Recorder&)>& call);
  void guarded(const std::function<void()>& call);

  // The drainer's part.
  void drain();
  void take(Event& event, std::uint64_t& done);
  void take_early(std::uint64_t& done);
  std::uint64_t count_lost(std::uint64_t done);
  bool rest(int naps);  // false: the drainer must end
  void call();

  Queue queue_;
  // On separate cache lines, since the traced threads write one and the drainer the other.
  alignas(64) std::atomic<std::uint64_t> last_{0};  // the last number taken
  alignas(64) std::atomic<std::uint64_t> done_{0};  // all up to this one are recorded
  std::atomic<std::uint64_t> dropped_{0};           // since the last event that reported it
  std::atomic<std::size_t> capacity_{1};
  std::atomic<bool> drops_{false};
  std::atomic<bool> asleep_{false};  // the drainer sleeps until it is called

  std::mutex changing_;  // one attach or detach at a time; never held by the drainer
  std::mutex mutex_;     // guards attached_, all recorders, and complained_
  std::vector<Attached> attached_;
  bool complained_ = false;
  std::thread drainer_;
  std::vector<Event> batch_;              // used by the drainer only
  std::map<std::uint64_t, Event> early_;  // used by the drainer only: events held back

  // Never held while a recorder runs, so a thread that waits here does not wait for a recorder as
  // well.
  std::mutex waiting_;
  std::condition_variable progress_;  // done_ has grown, the limit is lifted, or the drainer ends
  std::condition_variable called_;    // the drainer sleeps here
  bool running_ = false;              // guarded by waiting_, as are the next three
  bool ending_ = false;
  unsigned lifted_ = 0;
  Lost* lost_ = nullptr;
};

}  // namespace csp::detail
