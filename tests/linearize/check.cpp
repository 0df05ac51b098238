// SPDX-License-Identifier: Apache-2.0
//
// The search for an order that explains a history (Wing and Gong 1993, with Lowe's memory of the
// states that led nowhere). A call can be next if no call that is still unexplained returned before
// it was called. On a channel of capacity 0 two calls are next together.
#include <algorithm>
#include <unordered_set>

#include "linearize/history.hpp"

namespace linearize {
namespace {

struct State {
  std::uint64_t done = 0;  // calls explained so far
  std::vector<std::vector<int>> buffers;
  std::uint64_t closed = 0;
};

class Search {
 public:
  explicit Search(const History& history) : history_(history), calls_(history.calls) {
    state_.buffers.resize(history.capacities.size());
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (calls_[i].ended == Ended::pending) pending_ |= bit(i);
      order_.push_back(static_cast<std::uint8_t>(i));
    }
    // The call that returned first most likely happened first.
    std::sort(order_.begin(), order_.end(), [this](std::uint8_t a, std::uint8_t b) {
      return calls_[a].returned < calls_[b].returned;
    });
  }

  bool explain() {
    Moment first_return = kNever;
    for (const std::uint8_t i : order_) {
      if (!is_done(i)) first_return = std::min(first_return, calls_[i].returned);
    }
    if (first_return == kNever) return nobody_could_go_on();
    if (dead_ends_.contains(key())) return false;
    for (const std::uint8_t i : order_) {
      if (is_done(i) || is_pending(i) || calls_[i].called > first_return) continue;
      if (try_call(i, first_return)) return true;
    }
    dead_ends_.insert(key());
    return false;
  }

 private:
  static constexpr std::size_t kNobody = 64;

  static std::uint64_t bit(std::size_t i) { return std::uint64_t{1} << i; }
  bool is_done(std::size_t i) const { return state_.done & bit(i); }
  bool is_pending(std::size_t i) const { return pending_ & bit(i); }
  bool is_closed(std::size_t channel) const { return state_.closed & bit(channel); }
  std::size_t capacity(std::size_t channel) const { return history_.capacities[channel]; }
  std::size_t length(std::size_t channel) const { return state_.buffers[channel].size(); }

  std::string key() const {
    std::string key(reinterpret_cast<const char*>(&state_.done), sizeof state_.done);
    for (const std::vector<int>& buffer : state_.buffers) {
      key.push_back(static_cast<char>(buffer.size()));
      for (const int value : buffer) {
        key.append(reinterpret_cast<const char*>(&value), sizeof value);
      }
    }
    return key;  // `done` determines what is closed
  }

  /// Whether another call is known to wait, before `moment`, on this side of the channel. At the
  /// end (kNever) every call that never returned waits.
  bool waits(std::size_t channel, bool sends, Moment moment, std::size_t but,
             std::size_t nor = kNobody) const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (i == but || i == nor || is_done(i)) continue;
      if (calls_[i].parked >= moment && moment != kNever) continue;
      for (std::size_t c = 0; c < calls_[i].count; ++c) {
        if (calls_[i].cases[c].channel == channel && calls_[i].cases[c].sends == sends) return true;
      }
    }
    return false;
  }

  bool ready(const Case& c, Moment moment, std::size_t self) const {
    if (is_closed(c.channel)) return true;
    if (c.sends ? length(c.channel) < capacity(c.channel) : length(c.channel) > 0) return true;
    return waits(c.channel, !c.sends, moment, self);
  }

  bool go_on(std::size_t i) {
    state_.done |= bit(i);
    const bool explained = explain();
    state_.done &= ~bit(i);
    return explained;
  }

  bool try_call(std::size_t i, Moment first_return) {
    const Call& call = calls_[i];
    const Case& c = call.cases[call.happened];
    if (call.closes) {
      if (is_closed(c.channel) != (call.ended == Ended::closed)) return false;
      const std::uint64_t before = state_.closed;
      state_.closed |= bit(c.channel);
      const bool explained = go_on(i);
      state_.closed = before;
      return explained;
    }
    if (call.ended == Ended::limited) return go_on(i);
    if (call.ended == Ended::not_ready) {
      for (std::size_t k = 0; k < call.count; ++k) {
        if (ready(call.cases[k], call.called, i)) return false;
      }
      return go_on(i);
    }
    if (call.ended == Ended::closed) {
      if (!is_closed(c.channel) || (!c.sends && length(c.channel) > 0)) return false;
      return go_on(i);
    }
    if (capacity(c.channel) == 0) return c.sends && try_pair(i, c, first_return);
    if (waits(c.channel, c.sends, call.called, i)) return false;  // it would overtake
    return c.sends ? try_send(i, c) : try_receive(i, c);
  }

  bool try_send(std::size_t i, const Case& c) {
    std::vector<int>& buffer = state_.buffers[c.channel];
    if (is_closed(c.channel) || buffer.size() >= capacity(c.channel)) return false;
    buffer.push_back(c.value);
    const bool explained = go_on(i);
    buffer.pop_back();
    return explained;
  }

  /// Capacity 0: the send together with a receive of its value.
  bool try_pair(std::size_t i, const Case& c, Moment first_return) {
    if (is_closed(c.channel)) return false;
    for (const std::uint8_t j : order_) {
      const Call& other = calls_[j];
      if (j == i || is_done(j) || other.ended != Ended::ok || other.closes) continue;
      const Case& takes = other.cases[other.happened];
      if (takes.sends || takes.channel != c.channel || other.received != c.value) continue;
      if (other.called > first_return) continue;
      if (waits(c.channel, true, calls_[i].called, i, j)) continue;  // one would overtake
      if (waits(c.channel, false, other.called, j, i)) continue;
      state_.done |= bit(j);
      const bool explained = go_on(i);
      state_.done &= ~bit(j);
      if (explained) return true;
    }
    return false;
  }

  bool try_receive(std::size_t i, const Case& c) {
    std::vector<int>& buffer = state_.buffers[c.channel];
    if (buffer.empty() || buffer.front() != calls_[i].received) return false;
    buffer.erase(buffer.begin());
    const bool explained = go_on(i);
    buffer.insert(buffer.begin(), calls_[i].received);
    return explained;
  }

  bool nobody_could_go_on() const {
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      if (!is_pending(i)) continue;
      for (std::size_t k = 0; k < calls_[i].count; ++k) {
        if (ready(calls_[i].cases[k], kNever, i)) return false;
      }
    }
    return true;
  }

  const History& history_;
  const std::vector<Call>& calls_;
  std::vector<std::uint8_t> order_;
  std::uint64_t pending_ = 0;
  State state_;
  std::unordered_set<std::string> dead_ends_;
};

std::string to_text(const Case& c) {
  return (c.sends ? "send " + std::to_string(c.value) + " to " : "receive from ") +
         std::to_string(c.channel);
}

std::string to_text(const Call& call) {
  std::string text = "thread " + std::to_string(call.thread) + ": ";
  if (call.closes) {
    text += "close " + std::to_string(call.cases[0].channel);
  } else {
    for (std::size_t k = 0; k < call.count; ++k) {
      text += (k ? " | " : "") + to_text(call.cases[k]);
    }
  }
  const char* const kEnded[] = {"never returned", "ok", "closed", "not ready"};
  text += std::string(" -> ") + kEnded[static_cast<int>(call.ended)];
  if (call.count > 1 && (call.ended == Ended::ok || call.ended == Ended::closed)) {
    text += ", case " + std::to_string(call.happened);
  }
  if (call.ended == Ended::ok && !call.closes && !call.cases[call.happened].sends) {
    text += ", got " + std::to_string(call.received);
  }
  text += "   [" + std::to_string(call.called);
  if (call.parked != kNever) text += ", waits from " + std::to_string(call.parked);
  return text + (call.returned == kNever ? ", )" : ", " + std::to_string(call.returned) + "]");
}

}  // namespace

std::string check(const History& history) {
  if (history.calls.size() > 64) return "a history of more than 64 calls cannot be checked";
  // Checked first, because this message says more than "not linearizable" does.
  std::vector<int> received;
  for (const Call& call : history.calls) {
    if (call.ended == Ended::ok && !call.closes && !call.cases[call.happened].sends) {
      received.push_back(call.received);
    }
  }
  std::sort(received.begin(), received.end());
  const auto twice = std::adjacent_find(received.begin(), received.end());
  if (twice != received.end()) {
    return "value " + std::to_string(*twice) + " was received twice\n" + to_text(history);
  }
  if (Search(history).explain()) return {};
  bool stuck = false;
  for (const Call& call : history.calls) stuck |= call.ended == Ended::pending;
  return std::string("not linearizable") +
         (stuck ? ", or a thread sleeps that could continue\n" : "\n") + to_text(history);
}

std::string to_text(const History& history) {
  std::vector<const Call*> calls;
  for (const Call& call : history.calls) calls.push_back(&call);
  std::sort(calls.begin(), calls.end(),
            [](const Call* a, const Call* b) { return a->called < b->called; });
  std::string text;
  for (const Call* const call : calls) text += "  " + to_text(*call) + "\n";
  return text;
}

}  // namespace linearize
