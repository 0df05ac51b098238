// SPDX-License-Identifier: Apache-2.0
//
// Tracing channel traffic: one event for each completed operation on a named channel.
//
//   auto trace = csp::attach(csp::json_lines_file("traffic.jsonl"));   // until it is destroyed
//
// Off, a trace costs an operation one relaxed load and a branch. On, the number of an event is
// taken under the channel's lock, at the moment the operation happens, so the numbers are one total
// order of all that happened: a send stands before its receive, every process's and every channel's
// events stand in their order. The event is pushed to a queue by the thread that made it, and one
// thread drains the queue, in the order of the numbers, into whatever is attached.
//
// No code is needed to look at a program: CSP_TRACE=text (a spdlog logger on stderr) or
// CSP_TRACE=json:FILE in the environment, with filters as in "text;channel=requests".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "csp/describe.hpp"

namespace csp {

enum class Op : unsigned char { send, recv, close, closed };  // closed: found the channel closed

std::string_view to_string(Op op) noexcept;

struct Event {
  std::uint64_t sequence = 0;  ///< from 1, without gaps, but for events that were dropped
  std::int64_t time = 0;       ///< steady clock, ns: when the operation happened
  std::int64_t waited = 0;     ///< ns the operation was blocked, 0 if it was not
  std::uint64_t dropped = 0;   ///< events lost just before this one (Overflow::drop)
  Op op = Op::send;
  ShortText process;
  ShortText channel;
  Fields message;
};

/// One line without its end: "12.345678 transfer recv requests offset=0 maxsize=512 ...", and an
/// object of JSON with the keys seq, time, proc, op, chan, and where there are any msg, waited,
/// dropped. In JSON, bytes of a text that are not UTF-8 become U+FFFD; as text, a control character
/// in a name becomes a question mark.
std::string to_text(const Event& event);
std::string to_json(const Event& event);

/// Where events go. record() is called by the draining thread only, one event at a time, in order.
/// What it throws is reported once on stderr and costs that one event; its slowness costs what
/// TraceOptions::overflow says. What it does itself is not traced; give channels to others no name,
/// or what those do there is, and makes more events. It may not attach, detach or flush: Misuse,
/// which as the end of an Attachment is std::terminate.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void record(const Event& event) = 0;
  /// Events lost at the end, after the last recorded one.
  virtual void dropped(std::uint64_t count);
  /// Everything recorded so far must be visible to others.
  virtual void flush() {}
};

enum class Overflow {
  block,  ///< operations wait until the recorders have caught up; nothing is lost
  drop,   ///< events are not recorded; how many is told in the trace
};

struct TraceOptions {
  // Patterns as of fnmatch(3), such as "requests" or "*/requests", for names as events have them,
  // which are cut if they are long (ShortText).
  std::vector<std::string> channels = {};   ///< only these; empty: all
  std::vector<std::string> processes = {};  ///< only these; empty: all
  Overflow overflow = Overflow::block;
  /// Events on their way before overflow. The draining thread looks every 0.1 ms, or sooner where
  /// somebody waits for it: what has come by then should have room.
  std::size_t capacity = 1 << 16;
  bool checksums = false;  ///< compute Fields::add_crc32
};

/// A recorder at work. Its end covers all that happened before, then detaches. Thread-safe.
class Attachment {
 public:
  Attachment() noexcept = default;
  Attachment(Attachment&& other) noexcept;
  Attachment& operator=(Attachment&& other) noexcept;
  ~Attachment();

 private:
  friend Attachment attach(std::shared_ptr<Recorder>, TraceOptions);
  explicit Attachment(std::shared_ptr<Recorder> recorder) : recorder_(std::move(recorder)) {}
  std::shared_ptr<Recorder> recorder_;
};

/// Starts recording; several recorders may be attached at once, at any time. Of several, the
/// largest capacity counts, and block before drop. Throws std::invalid_argument for null or a
/// recorder that is attached already. Thread-safe.
[[nodiscard]] Attachment attach(std::shared_ptr<Recorder> recorder, TraceOptions options = {});

/// Blocks until every event that happened before this call is recorded and flushed. Thread-safe.
/// Throws Misuse in a recorder.
void flush_trace();

/// Keeps events in memory, for tests.
class MemoryRecorder : public Recorder {
 public:
  MemoryRecorder();
  ~MemoryRecorder() override;
  void record(const Event& event) override;
  void dropped(std::uint64_t count) override;
  /// All recorded so far, taken out. Flushes first. Thread-safe.
  std::vector<Event> take();
  std::uint64_t dropped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A file of JSON Lines, written anew. Throws std::system_error that names it if it cannot be made.
std::shared_ptr<Recorder> json_lines_file(const std::string& path);

}  // namespace csp
