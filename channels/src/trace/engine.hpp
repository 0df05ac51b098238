// SPDX-License-Identifier: Apache-2.0
//
// The trace's engine: sequence numbers, a queue, and the thread that drains it into whatever is
// attached.
//
// Events come out of the queue in some order of the threads that pushed them (moodycamel's queue
// keeps the order of each producer only). The draining thread puts them back into the order of
// their numbers: numbers have no gaps, since every number taken is pushed, so it holds back what is
// too early until the missing one arrives. (An event that there is no memory for is told as lost.)
//
// An event counts as on its way from its number to its record. When too many are, Overflow::drop
// takes no number but counts; Overflow::block lets the next operation wait before it begins, where
// it holds neither a lock nor a number.
//
// Where nothing is in the queue the drainer takes naps, so that events gather: to wake it costs ten
// times what an event does. After some naps it sleeps until it is called.
//
// The engine is made when it is first needed and lives until the program's end, so that channels
// may be used, and traced, in the last destructors (C48). Its thread runs only while something is
// attached. A child of fork has no such thread, so it has no trace either, until it attaches.
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

/// Looks at CSP_TRACE; true if it is set. Called before main.
bool trace_from_environment();

/// Makes the calling thread exempt (core/traced.hpp) for a scope.
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

  /// Numbers for one or two sides of what happens; null for a side that stays out. Under a
  /// channel's lock: so nothing here may wait. A side that is numbered keeps its channel alive, as
  /// its peer may free it before the event is put together and pushed.
  void number(QueuedCase* first, QueuedCase* second);
  void push(Event&& event);

  /// Where the trace is full (Overflow::block), waits until it is not. Not under any lock.
  void wait_for_room();
  /// By an exempt thread that is about to wait, or has waited: see UnlimitedTrace.
  void lift_limit(bool lifted);

  void attach(std::shared_ptr<Recorder> recorder, TraceOptions options);
  void detach(const std::shared_ptr<Recorder>& recorder);
  void flush();

 private:
  /// Of moodycamel's queue: memory from operator new, so that what a program does about it counts.
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

  /// A recorder, with what it wants to hear.
  struct Attached {
    std::shared_ptr<Recorder> recorder;
    TraceOptions options;
    std::uint64_t from;  // events before this number are not for it
  };

  /// A number whose event found no memory; on the stack of its thread, which waits until the
  /// drainer has counted it.
  struct Lost {
    std::uint64_t sequence;
    Lost* next;
    bool counted = false;
  };

  bool is_full() const;
  bool too_many(std::uint64_t more = 0) const;  // with `more` to come
  bool enqueue(Event&& event);
  void lose(std::uint64_t sequence);

  void configure();  // mutex_ held, as for the next four
  void start();
  void record(const Event& event);
  void for_each_recorder(const std::function<void(Recorder&)>& call);
  void guarded(const std::function<void()>& call);

  // The drainer's.
  void drain();
  void take(Event& event, std::uint64_t& done);
  void take_early(std::uint64_t& done);
  std::uint64_t count_lost(std::uint64_t done);
  bool rest(int naps);  // false: it is to end
  void call();

  Queue queue_;
  // Apart, as one is written by the threads that are traced, the other by the drainer.
  alignas(64) std::atomic<std::uint64_t> last_{0};  // the last number taken
  alignas(64) std::atomic<std::uint64_t> done_{0};  // all up to this one are recorded
  std::atomic<std::uint64_t> dropped_{0};           // since the last event that told of it
  std::atomic<std::size_t> capacity_{1};
  std::atomic<bool> drops_{false};
  std::atomic<bool> asleep_{false};  // the drainer, until it is called

  std::mutex changing_;  // one attach or detach at a time; never held by the drainer
  std::mutex mutex_;     // guards attached_, all recorders, and complained_
  std::vector<Attached> attached_;
  bool complained_ = false;
  std::thread drainer_;
  std::vector<Event> batch_;              // the drainer's
  std::map<std::uint64_t, Event> early_;  // the drainer's: their turn has not come yet

  // Never held while a recorder records: nothing that waits here may wait for one, too.
  std::mutex waiting_;
  std::condition_variable progress_;  // done_ has grown, the limit was lifted, or the drainer ended
  std::condition_variable called_;    // the drainer rests here
  bool running_ = false;              // guarded by waiting_, as are the next three
  bool ending_ = false;
  unsigned lifted_ = 0;
  Lost* lost_ = nullptr;
};

}  // namespace csp::detail
