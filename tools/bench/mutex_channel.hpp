// SPDX-License-Identifier: Apache-2.0
//
// The channel that csp is compared with: one made of a mutex and condition variables. It has only
// the forms that the workloads use. Two channels that a select uses share their monitor, so a
// select is as simple as a receive.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace asyncstream::tools::bench {

struct Monitor {
  std::mutex mutex;
  std::condition_variable readable;  // a value came, or a close
};

/// A handle; copies refer to the same channel. With capacity 0 a send ends when its value was
/// taken.
template <class T>
class MutexChannel {
 public:
  explicit MutexChannel(std::size_t capacity,
                        std::shared_ptr<Monitor> monitor = std::make_shared<Monitor>())
      : state_(std::make_shared<State>(capacity, std::move(monitor))) {}

  void send(T value) const {
    State& s = *state_;
    std::unique_lock lock(s.monitor->mutex);
    const std::size_t room = s.capacity == 0 ? 1 : s.capacity;
    s.writable.wait(lock, [&] { return s.values.size() < room; });
    s.values.push_back(std::move(value));
    const std::uint64_t number = ++s.sent;
    s.monitor->readable.notify_one();
    if (s.capacity == 0) s.taken.wait(lock, [&] { return s.received >= number; });
  }

  /// nullopt: the channel is closed and drained.
  std::optional<T> receive() const {
    std::unique_lock lock(state_->monitor->mutex);
    state_->monitor->readable.wait(lock, [this] { return ready(); });
    return take();
  }

  void close() const {
    const std::unique_lock lock(state_->monitor->mutex);
    state_->closed = true;
    state_->monitor->readable.notify_all();
  }

  // Requires the monitor's mutex; used by a select over channels that share it.
  bool has_value() const { return !state_->values.empty(); }
  bool ready() const { return has_value() || state_->closed; }
  Monitor& monitor() const { return *state_->monitor; }
  std::optional<T> take() const {
    State& s = *state_;
    if (s.values.empty()) return std::nullopt;
    std::optional<T> value(std::move(s.values.front()));
    s.values.pop_front();
    ++s.received;
    s.writable.notify_one();
    if (s.capacity == 0) s.taken.notify_one();
    return value;
  }

 private:
  struct State {
    State(std::size_t slots, std::shared_ptr<Monitor> shared)
        : capacity(slots), monitor(std::move(shared)) {}
    const std::size_t capacity;
    const std::shared_ptr<Monitor> monitor;
    std::condition_variable writable;  // there is room
    std::condition_variable taken;     // a sender's value was received
    std::deque<T> values;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    bool closed = false;
  };

  std::shared_ptr<State> state_;
};

/// Receives from either of two channels that share a monitor, and passes the value to `handle`,
/// until both are closed. If both have a value, they alternate.
template <class T, class U, class F>
void drain_both(const MutexChannel<T>& first, const MutexChannel<U>& second, F& handle) {
  std::unique_lock lock(first.monitor().mutex);
  const auto hand_over = [&](auto value) {
    lock.unlock();
    handle(std::move(*value));
    lock.lock();
  };
  for (bool second_next = false;; second_next = !second_next) {
    first.monitor().readable.wait(lock, [&] {
      return first.has_value() || second.has_value() || (first.ready() && second.ready());
    });
    if (second.has_value() && (second_next || !first.has_value())) {
      hand_over(second.take());
    } else if (first.has_value()) {
      hand_over(first.take());
    } else {
      return;
    }
  }
}

}  // namespace asyncstream::tools::bench
