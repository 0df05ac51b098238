// SPDX-License-Identifier: Apache-2.0
//
// The trace's engine: numbers, a queue, and the thread that drains it.
//
// Events come out of the queue in some order of the threads that pushed them (moodycamel's queue
// keeps the order of each producer only). The draining thread puts them back into the order of
// their numbers: numbers have no gaps, since every number taken is pushed, so it holds back what is
// too early until the missing one arrives.
//
// An event counts as on its way from its number to its record. When too many are, Overflow::drop
// takes no number but counts; Overflow::block lets the pushing thread wait, after its operation and
// without any lock of a channel. Who is in a recorder is neither traced nor waits.
//
// Where nothing is in the queue the drainer takes naps, so that events gather: to wake it costs ten
// times what an event does. After some naps it sleeps until it is called.
//
// The engine is made when it is first needed and lives until the program's end, so that channels
// may be used, and traced, in the last destructors (C48). Its thread runs only while something is
// attached.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include CSP_CONCURRENTQUEUE
#include "csp/trace.hpp"
#include "trace_audience.hpp"
#include "trace_hook.hpp"

namespace csp::detail {

class TraceEngine {
 public:
  static TraceEngine& get();

  /// On the draining thread, and while a recorder is flushed.
  static bool in_recorder();

  /// Numbers for one or two sides of what happens; null for a side that stays out. Under a
  /// channel's lock: so nothing here may wait. A side that is numbered keeps its channel alive, as
  /// its peer may free it before the event is put together, and pushes.
  void number(Waiter* first, Waiter* second);

  void push(Event&& event);

  /// Whether who has pushed is to wait for room.
  bool is_full() const;
  /// After the push of all that the thread has numbered: an event that is numbered but not in the
  /// queue stops the drainer, which is who makes room. Not under any lock.
  void wait_for_room();

  void attach(std::shared_ptr<Recorder> recorder, TraceOptions options);
  void detach(const std::shared_ptr<Recorder>& recorder);
  void flush();

 private:
  using Queue = moodycamel::ConcurrentQueue<Event>;
  struct Producer;

  /// Whether more are on their way than may be, with `more` to come.
  bool too_many(std::uint64_t more = 0) const;
  void configure();  // mutex_ held
  void start();      // mutex_ held
  void drain();
  bool rest(int naps);  // false: it is to end
  void call();

  Queue queue_;
  // Apart, as one is written by those who are traced, the other by the drainer.
  alignas(64) std::atomic<std::uint64_t> last_{0};  // the last number taken
  alignas(64) std::atomic<std::uint64_t> done_{0};  // all up to this one are recorded
  std::atomic<std::uint64_t> dropped_{0};           // since the last event that told of it
  std::atomic<std::size_t> capacity_{1};
  std::atomic<bool> drops_{false};
  std::atomic<bool> asleep_{false};  // the drainer, until it is called

  std::mutex changing_;               // one attach or detach at a time; never held by the drainer
  std::mutex mutex_;                  // guards audience_, recorders and all, and running_
  std::condition_variable progress_;  // done_, or the drainer has ended
  bool running_ = false;
  Audience audience_;
  std::thread drainer_;
  std::map<std::uint64_t, Event> early_;  // the drainer's: not their turn yet, or its successor's

  // Never held while a recorder records: who drops events must not wait for one, only to call.
  std::mutex resting_;
  std::condition_variable called_;  // the drainer rests here
  bool ending_ = false;             // guarded by resting_
};

}  // namespace csp::detail
