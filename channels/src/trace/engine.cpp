// SPDX-License-Identifier: Apache-2.0
//
// Attaching, detaching and numbering; see engine.hpp. The counters are read and written relaxed,
// except for the one question whether the drainer may sleep. An event's contents are made visible
// by the queue, and a number's meaning by the channel's lock; a wait for progress checks the
// counters again under the mutex.
#include "trace/engine.hpp"

#include <fnmatch.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

#include "core/channel.hpp"
#include "csp/outcome.hpp"

namespace csp {
namespace detail {

constinit std::atomic<bool> trace_switch{false};
constinit thread_local bool trace_exempt CSP_NEAR = false;

namespace {
constexpr auto kRelaxed = std::memory_order_relaxed;
constinit std::atomic<bool> checksums{false};
constinit std::atomic<TraceEngine*> engine{nullptr};
constinit std::atomic<TraceEngine*> left_behind{nullptr};  // keeps it reachable: not a leak

/// Throws on an exempt thread, where these calls could deadlock: the drainer would wait for its own
/// end or for a mutex that it holds, and a describe() for the event that it is part of.
void refuse_exempt() {
  if (trace_exempt) throw Misuse("csp: a recorder or describe may not attach, detach or flush");
}

}  // namespace

// A thread's producer token for the queue, returned when the thread ends. Events that the thread
// makes even later, in destructors that run after this one, are queued without a token.
struct TraceEngine::Producer {
  explicit Producer(Queue& queue) : token(queue) { current = token.valid() ? this : nullptr; }
  ~Producer() {
    current = nullptr;
    ended = true;
  }
  moodycamel::ProducerToken token;
  static constinit thread_local Producer* current CSP_NEAR;
  static constinit thread_local bool ended CSP_NEAR;

  /// A child of fork has no drainer, and the mutexes are in whatever state other threads had them.
  /// So the child abandons the engine, and its thread abandons its producer, which belongs to that
  /// engine.
  static void forget_engine() {
    trace_switch.store(false, kRelaxed);
    left_behind.store(engine.exchange(nullptr, kRelaxed), kRelaxed);
    trace_exempt = false;
    current = nullptr;
  }
};
constinit thread_local TraceEngine::Producer* TraceEngine::Producer::current CSP_NEAR = nullptr;
constinit thread_local bool TraceEngine::Producer::ended CSP_NEAR = false;

// acquire and release: a thread that finds the engine sees it fully constructed.
TraceEngine& TraceEngine::get() {
  TraceEngine* found = engine.load(std::memory_order_acquire);
  if (found) return *found;
  auto made = std::make_unique<TraceEngine>();  // never destroyed, once it is installed
  if (!engine.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel)) return *found;
  static const int fork_handlers = pthread_atfork(nullptr, nullptr, &Producer::forget_engine);
  (void)fork_handlers;
  return *made.release();
}

bool TraceEngine::too_many(std::uint64_t more) const {
  return last_.load(kRelaxed) + more > done_.load(kRelaxed) + capacity_.load(kRelaxed);
}

bool TraceEngine::is_full() const { return !drops_.load(kRelaxed) && too_many(1); }

void TraceEngine::number(QueuedCase* first, QueuedCase* second) {
  const std::uint64_t count = (first != nullptr) + (second != nullptr);
  if (drops_.load(kRelaxed) && too_many(count)) {
    dropped_.fetch_add(count, kRelaxed);
    return;
  }
  // The channel's lock orders the numbers on one channel, and program order those of one thread;
  // the order of the atomic itself is the total order. seq_cst, together with rest(): either the
  // drainer sees this number before it sleeps, or the thread that pushes the event sees that the
  // drainer sleeps. Otherwise the event could stay in the queue until the next one.
  std::uint64_t next = last_.fetch_add(count, std::memory_order_seq_cst);
  const Clock::time_point now = Clock::now();
  for (QueuedCase* const c : {first, second}) {
    if (!c) continue;
    c->sequence = ++next;
    c->time = now;
    c->channel->retain();  // until its event is pushed
  }
}

void TraceEngine::push(Event&& event) {
  if (dropped_.load(kRelaxed) != 0) event.dropped = dropped_.exchange(0, kRelaxed);
  const std::uint64_t sequence = event.sequence;
  const std::uint64_t dropped = event.dropped;
  if (!enqueue(std::move(event))) {
    dropped_.fetch_add(dropped, kRelaxed);
    return lose(sequence);
  }
  if (asleep_.load(std::memory_order_seq_cst)) call();
}

bool TraceEngine::enqueue(Event&& event) {
  if (!Producer::current && !Producer::ended) thread_local Producer producer(queue_);
  return Producer::current ? queue_.enqueue(Producer::current->token, std::move(event))
                           : queue_.enqueue(std::move(event));
}

/// Reports to the drainer, without allocating, that the event of this number will not come.
void TraceEngine::lose(std::uint64_t sequence) {
  std::unique_lock lock(waiting_);
  if (!running_ || sequence <= done_.load(kRelaxed)) return;  // start() skips it
  Lost lost{sequence, lost_};
  lost_ = &lost;
  asleep_.store(false, kRelaxed);
  called_.notify_one();
  progress_.wait(lock, [&] { return lost.counted; });
}

void TraceEngine::wait_for_room() {
  if (!is_full()) return;
  std::unique_lock lock(waiting_);
  asleep_.store(false, kRelaxed);
  called_.notify_one();
  progress_.wait(lock, [&] { return !running_ || lifted_ > 0 || !is_full(); });
}

void TraceEngine::lift_limit(bool lifted) {
  std::unique_lock lock(waiting_);
  lifted ? ++lifted_ : --lifted_;
  if (lifted) progress_.notify_all();
}

void TraceEngine::attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
  refuse_exempt();
  if (!recorder) throw std::invalid_argument("csp: attach needs a recorder, not null");
  std::unique_lock changing(changing_);
  {
    std::unique_lock lock(mutex_);
    if (std::ranges::find(attached_, recorder, &Attached::recorder) != attached_.end()) {
      throw std::invalid_argument("csp: recorder attached twice");
    }
    attached_.push_back({std::move(recorder), std::move(options), last_.load(kRelaxed) + 1});
    try {
      if (attached_.size() == 1) start();
    } catch (...) {
      attached_.pop_back();
      throw;
    }
    configure();
  }
  trace_switch.store(true, kRelaxed);
}

void TraceEngine::start() {
  ending_ = false;     // no other thread is here
  batch_.resize(256);  // here, where the caller learns of std::bad_alloc
  early_.clear();
  done_.store(last_.load(kRelaxed), kRelaxed);  // earlier numbers are for no recorder
  sigset_t all, before;
  sigfillset(&all);  // signals go to the program's own threads
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    drainer_ = std::thread([this] { drain(); });
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(drainer_.native_handle(), "trace");
  std::unique_lock lock(waiting_);
  running_ = true;
}

void TraceEngine::detach(const std::shared_ptr<Recorder>& recorder) {
  refuse_exempt();
  std::unique_lock changing(changing_);
  {
    std::unique_lock lock(mutex_);
    // It was attached in the parent of this process.
    if (std::ranges::find(attached_, recorder, &Attached::recorder) == attached_.end()) return;
    if (attached_.size() == 1) trace_switch.store(false, kRelaxed);
  }
  flush();
  {
    std::unique_lock lock(mutex_);
    if (const std::uint64_t lost = dropped_.exchange(0, kRelaxed)) {
      for_each_recorder([&](Recorder& r) { r.dropped(lost); });
    }
    std::erase_if(attached_, [&](const Attached& a) { return a.recorder == recorder; });
    configure();
    if (!attached_.empty()) return;
  }
  {
    std::unique_lock lock(waiting_);
    running_ = false;
    ending_ = true;
    called_.notify_one();
    progress_.notify_all();
  }
  drainer_.join();
}

void TraceEngine::flush() {
  refuse_exempt();
  const std::uint64_t target = last_.load(kRelaxed);
  {
    std::unique_lock lock(waiting_);
    asleep_.store(false, kRelaxed);
    called_.notify_one();
    progress_.wait(lock, [&] { return !running_ || done_.load(kRelaxed) >= target; });
  }
  std::unique_lock lock(mutex_);
  for_each_recorder([](Recorder& r) { r.flush(); });
}

void TraceEngine::configure() {
  std::size_t capacity = 1;
  bool drops = !attached_.empty();
  bool sums = false;
  for (const Attached& a : attached_) {
    capacity = std::max(capacity, a.options.capacity);
    drops = drops && a.options.overflow == Overflow::drop;
    sums = sums || a.options.checksums;
  }
  capacity_.store(std::min(capacity, SIZE_MAX / 2), kRelaxed);  // so that no sum wraps
  drops_.store(drops, kRelaxed);
  checksums.store(sums, kRelaxed);
}

/// Gives the event to every recorder whose filters accept it. An event that reports lost ones
/// passes every filter.
void TraceEngine::record(const Event& event) {
  const auto wants = [](const std::vector<std::string>& patterns, const ShortText& text) {
    char name[ShortText::kSize + 1] = "";  // in place: nothing here may allocate
    std::ranges::copy(text.view(), name);
    return patterns.empty() || std::ranges::any_of(patterns, [&](const std::string& pattern) {
             return fnmatch(pattern.c_str(), name, 0) == 0;
           });
  };
  for (Attached& a : attached_) {
    if (event.sequence < a.from) continue;
    const bool filters = !a.options.channels.empty() || !a.options.processes.empty();
    if (filters && event.dropped == 0) {
      if (!wants(a.options.channels, event.channel)) continue;
      if (!wants(a.options.processes, event.process)) continue;
    }
    guarded([&] { a.recorder->record(event); });
  }
}

/// Calls a recorder; what it throws ends here.
void TraceEngine::guarded(const std::function<void()>& call) {
  const Exempt exempt;
  const auto complain = [this](const char* what) {
    if (std::exchange(complained_, true)) return;
    std::fprintf(stderr, "csp: a trace recorder threw (reported only once): %s\n", what);
  };
  try {
    call();
  } catch (const std::exception& e) {
    complain(e.what());
  } catch (...) {
    complain("something that is no std::exception");
  }
}

void TraceEngine::for_each_recorder(const std::function<void(Recorder&)>& call) {
  for (Attached& a : attached_) guarded([&] { call(*a.recorder); });
}

}  // namespace detail

void Fields::add_crc32(const char* name, std::span<const std::byte> bytes) {
  if (detail::checksums.load(detail::kRelaxed)) put(name, Checksum{crc32(bytes)});
}

}  // namespace csp
