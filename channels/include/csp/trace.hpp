// SPDX-License-Identifier: Apache-2.0
//
// Tracing of channel traffic: one event for each completed operation on a named channel.
//
//   auto trace = csp::attach(csp::json_lines_file("traffic.jsonl"));   // until it is destroyed
//
// Without a recorder, tracing costs an operation one relaxed load and a branch. With one, an event
// gets its number under the channel's lock, at the moment at which the operation happens. So the
// numbers are one total order of everything that happened: a send comes before its receive, and the
// events of each process and of each channel are in their order. The thread that made the event
// pushes it to a queue, and one thread drains the queue, in the order of the numbers, into the
// attached recorders.
//
// A program can be traced without any code: set CSP_TRACE=text (a spdlog logger on stderr) or
// CSP_TRACE=json:FILE in the environment, with filters if needed, such as "text;channel=requests".
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

/// What happened. `closed` is a send or receive that found the channel closed.
enum class Op : unsigned char { send, recv, close, closed };

/// The name as in the enumeration. Thread-safe.
std::string_view to_string(Op op) noexcept;

/// One completed operation. Names are cut to ShortText::kSize bytes.
struct Event {
  std::uint64_t sequence = 0;  ///< increasing; filtered or lost events leave gaps
  std::int64_t time = 0;       ///< when the operation happened: steady clock, ns
  std::int64_t waited = 0;     ///< how long the operation was blocked, ns; 0 if it was not
  std::uint64_t dropped = 0;   ///< events lost just before this one
  Op op = Op::send;
  ShortText process;
  ShortText channel;
  Fields message;
};

/// The event as one line without a line end, such as "12.345678901 transfer recv requests offset=0
/// maxsize=512", and as a JSON object with the keys seq, time, proc, op, chan, and as far as they
/// apply msg, waited, dropped. In JSON, bytes that are not UTF-8 become U+FFFD; in text, control
/// characters become question marks. Thread-safe.
std::string to_text(const Event& event);
std::string to_json(const Event& event);

/// Where events go; derive from it to write one. The draining thread alone calls record(), for one
/// event at a time, in order. An exception from a recorder is reported once on stderr and costs
/// only that call; a slow recorder has the effect that TraceOptions::overflow says. The channel
/// operations of a recorder are not traced. If it communicates with other threads, give that
/// channel no name, since their operations on it would produce further events. A recorder may not
/// attach, detach or flush (Misuse; destroying an Attachment in it ends the program).
class Recorder {
 public:
  virtual ~Recorder() = default;
  /// Called for each event that the filters accept.
  virtual void record(const Event& event) = 0;
  /// Called at the end if `count` events were lost after the last recorded one.
  virtual void dropped(std::uint64_t count);
  /// Makes everything recorded so far visible to others.
  virtual void flush() {}
};

/// What happens when more events are pending than TraceOptions::capacity.
enum class Overflow {
  block,  ///< operations wait until the recorders have caught up; nothing is lost
  drop,   ///< events are not recorded; the trace reports how many
};

/// What a recorder gets, and how much may be pending.
struct TraceOptions {
  // Patterns of fnmatch(3), such as "requests" or "*/requests". They apply to names as events have
  // them, which are cut if they are long (ShortText).
  std::vector<std::string> channels = {};   ///< only these; empty: all
  std::vector<std::string> processes = {};  ///< only these; empty: all
  Overflow overflow = Overflow::block;
  /// How many events may be pending, numbered and not yet recorded. The draining thread checks the
  /// queue every 0.1 ms, or sooner if an operation waits for room, so leave room for the events of
  /// that time.
  std::size_t capacity = 1 << 16;
  bool checksums = false;  ///< compute Fields::add_crc32
};

/// A recorder at work. Its destructor blocks until everything that happened before is recorded,
/// then detaches. Movable; one thread at a time may use it.
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

/// Starts recording; any number of recorders may be attached, at any time. With several, the
/// largest capacity applies, and Overflow::block if any of them asks for it. Throws
/// std::invalid_argument for null or a recorder that is attached already, Misuse in a recorder or a
/// describe(), std::system_error if the draining thread cannot be started. Thread-safe.
[[nodiscard]] Attachment attach(std::shared_ptr<Recorder> recorder, TraceOptions options = {});

/// Blocks until every event that happened before this call is recorded and flushed. Throws Misuse
/// in a recorder or a describe(). Thread-safe.
void flush_trace();

/// A recorder that keeps events in memory, for tests.
class MemoryRecorder : public Recorder {
 public:
  MemoryRecorder();
  ~MemoryRecorder() override;
  void record(const Event& event) override;
  void dropped(std::uint64_t count) override;
  /// Removes and returns all events recorded so far, after a flush_trace(). Thread-safe.
  std::vector<Event> take();
  /// How many events were lost so far. Thread-safe.
  std::uint64_t dropped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A recorder that writes a file of JSON Lines, replacing an existing file. Throws
/// std::system_error, which names the file, if it cannot be opened. Thread-safe.
std::shared_ptr<Recorder> json_lines_file(const std::string& path);

}  // namespace csp
