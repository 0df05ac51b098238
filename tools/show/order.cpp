// SPDX-License-Identifier: Apache-2.0
//
// Pairs each receive with its send, and finds an order of all events that could have happened.
//
// A canonical trace gives only each process's own sequence of events in each step. It is replayed:
// of all processes, each before its next event, one that can move is chosen:
//
//   1. A return, a close, a `closed` of a closed channel, a receive of a waiting message: at once.
//   2. A send and a receive of the same message on one channel, both next: together (rendezvous).
//   3. `any`, which is a closed channel without its name: when some channel has been closed.
//   4. A send alone: the channel has a buffer.
//   5. Otherwise the trace is incomplete; the first process moves, so that nothing is left out.
//
// Two messages are the same when they are equal: several senders may send on one channel in one
// step, and only the message tells which of them the receiver received.
//
// A live trace has an order: numbers are assigned under the channel's lock, a send's before its
// receive's. There the k-th receive on a channel took the k-th send, because channels are first in,
// first out. But if the trace has gaps (dropped or filtered events), only equal messages are
// paired, and none across a gap.
#include <deque>
#include <unordered_map>
#include <utility>

#include "show/trace.hpp"

namespace asyncstream::tools {
namespace {

/// Sends that have no receive yet, by channel and, where it matters, by message.
class Open {
 public:
  explicit Open(bool by_message) : by_message_(by_message) {}

  void add(const Event& event, int index) { waiting_[key(event)].push_back(index); }

  int take(const Event& event) {
    const auto found = waiting_.find(key(event));
    if (found == waiting_.end()) return kNone;
    const int first = found->second.front();
    found->second.pop_front();
    if (found->second.empty()) waiting_.erase(found);
    return first;
  }

  void clear() { waiting_.clear(); }

 private:
  std::string key(const Event& event) const {
    std::string result = std::to_string(event.channel);
    if (by_message_) result += ' ' + event.message.dump();
    return result;
  }

  bool by_message_;
  std::unordered_map<std::string, std::deque<int>> waiting_;
};

void pair_up(std::vector<Event>& events, int one, int other) {
  events[at(one)].pair = other;
  events[at(other)].pair = one;
}

/// Records the close of each channel, for the events that see it.
class Closes {
 public:
  explicit Closes(std::size_t channels) : closes_(channels, kNone) {}

  void close(const Event& event, int index) {
    closes_[at(event.channel)] = index;
    any_ = true;
  }
  int seen_by(const Event& event) const { return closes_[at(event.channel)]; }
  bool any() const { return any_; }

 private:
  std::vector<int> closes_;
  bool any_ = false;
};

void reorder(std::vector<Event>& events, const std::vector<int>& order) {
  std::vector<int> place(events.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[at(order[i])] = static_cast<int>(i);
  std::vector<Event> result;
  result.reserve(events.size());
  for (const int index : order) {
    Event& event = result.emplace_back(std::move(events[at(index)]));
    if (event.pair != kNone) event.pair = place[at(event.pair)];
  }
  events = std::move(result);
}

/// Replays one canonical trace, step by step.
class Replay {
 public:
  explicit Replay(Trace& trace)
      : events_(trace.events),
        channels_(trace.channels),
        next_(trace.processes.size()),
        receiver_(trace.channels.size()),
        closes_(trace.channels.size()) {}

  std::vector<int> order() {
    for (std::size_t begin = 0; begin < events_.size();) {
      std::size_t end = begin;
      for (; end < events_.size() && events_[end].step == events_[begin].step; ++end) {
        next_[at(events_[end].process)].push_back(static_cast<int>(end));
      }
      for (; begin < end; begin = order_.size()) {
        if (!move_freely() && !meet() && !see_any_close() && !send_alone()) force();
      }
    }
    return std::move(order_);
  }

 private:
  void move(int index) {
    next_[at(events_[at(index)].process)].pop_front();
    order_.push_back(index);
  }

  /// Calls `act` with each process's next event until it reports that it moved something.
  template <class Act>
  bool any_next(Act act) {
    for (const std::deque<int>& waiting : next_) {
      if (!waiting.empty() && act(events_[at(waiting.front())], waiting.front())) return true;
    }
    return false;
  }

  bool move_freely() {
    return any_next([this](Event& event, int index) {
      if (event.op == Op::close) closes_.close(event, index);
      if (event.op == Op::closed) event.pair = closes_.seen_by(event);
      if (event.op == Op::recv) {
        const int send = sent_.take(event);
        if (send != kNone) pair_up(events_, send, index);
      }
      const bool needs_other = event.op != Op::close && event.op != Op::call_return;
      if (needs_other && event.pair == kNone) return false;
      move(index);
      return true;
    });
  }

  bool meet() {
    receiver_.assign(receiver_.size(), kNone);
    any_next([this](const Event& event, int index) {
      if (event.op == Op::recv) receiver_[at(event.channel)] = index;
      return false;
    });
    return any_next([this](const Event& event, int index) {
      if (event.op != Op::send) return false;
      const int receive = receiver_[at(event.channel)];
      if (receive == kNone || events_[at(receive)].message != event.message) return false;
      pair_up(events_, index, receive);
      move(index);
      move(receive);
      return true;
    });
  }

  bool see_any_close() {
    return any_next([this](const Event& event, int index) {
      if (event.op != Op::closed || channels_[at(event.channel)] != "any" || !closes_.any()) {
        return false;
      }
      move(index);
      return true;
    });
  }

  bool send_alone() {
    return any_next([this](const Event& event, int index) {
      if (event.op != Op::send) return false;
      sent_.add(event, index);
      move(index);
      return true;
    });
  }

  void force() {
    any_next([this](const Event&, int index) {
      move(index);
      return true;
    });
  }

  std::vector<Event>& events_;
  const std::vector<std::string>& channels_;
  std::vector<std::deque<int>> next_;  ///< /< by process: what is left of this step
  std::vector<int> receiver_;          ///< /< by channel: a receive that is next in its process
  Closes closes_;
  Open sent_{true};
  std::vector<int> order_;
};

bool has_holes(const Trace& trace) {
  const std::vector<Event>& events = trace.events;
  if (events.empty()) return false;
  for (const Event& event : events) {
    if (event.lost > 0) return true;
  }
  const std::uint64_t first = events.front().sequence;
  return first > 1 || events.back().sequence - first + 1 != events.size();
}

}  // namespace

void replay_steps(Trace& trace) { reorder(trace.events, Replay(trace).order()); }

void pair_in_sequence(Trace& trace) {
  std::vector<Event>& events = trace.events;
  Open sent(has_holes(trace));
  Closes closes(trace.channels.size());
  for (int index = 0; index < static_cast<int>(events.size()); ++index) {
    Event& event = events[at(index)];
    if (event.lost > 0) sent.clear();
    if (event.op == Op::send) sent.add(event, index);
    if (event.op == Op::close) closes.close(event, index);
    if (event.op == Op::closed) event.pair = closes.seen_by(event);
    if (event.op == Op::recv) {
      const int send = sent.take(event);
      if (send != kNone) pair_up(events, send, index);
    }
  }
}

}  // namespace asyncstream::tools
