// SPDX-License-Identifier: Apache-2.0
//
// Core: one channel without its element type; Go's hchan. One allocation holds the object, its name
// and the ring of its buffered elements (C54).
//
// Invariants, whenever the lock is free (C4). "Waits" means queued and not claimed:
//   I1  0 <= size_ <= capacity_
//   I2  size_ > 0           => no receiver waits
//   I3  size_ < capacity_, open => no sender waits
//   I4  closed_             => nothing waits
//   I5  a sender and a receiver wait together only if both belong to one operation (C26)
//
// complete() defines what a channel does: it makes one case happen now, if possible. select.cpp
// decides which case is tried, and operation.hpp how an operation waits.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/lock.hpp"
#include "core/wait_queue.hpp"
#include "csp/detail/core.hpp"

namespace csp::detail {

class Core {
 public:
  static Core* make(std::string_view name, std::size_t capacity, const ElementType& type);
  void retain() noexcept;
  void release() noexcept;

  Outcome close();
  std::size_t size() const;
  std::size_t capacity() const { return capacity_; }
  std::string_view name() const { return {name_, name_length_}; }
  bool named() const { return name_length_ != 0; }
  const ElementType& type() const { return type_; }

  Lock& lock() CSP_ATTRIBUTE(lock_returned(lock_)) { return lock_; }

  /// Whether the case can happen now.
  bool ready(const QueuedCase& c) CSP_REQUIRES(lock_);

  /// Makes the case happen now and sets its outcome, or returns false and does nothing. If a
  /// waiting peer takes part, its operation is returned in `peer`, claimed and complete; the caller
  /// publishes it once it holds no lock.
  bool complete(QueuedCase& c, Operation*& peer) CSP_REQUIRES(lock_);

  void enqueue(QueuedCase& c) CSP_REQUIRES(lock_) { queue_of(c).push(&c); }
  void dequeue(QueuedCase& c) CSP_REQUIRES(lock_) {
    if (c.queued) queue_of(c).remove(&c);
  }

  // Debug hooks: a test waits until "two senders wait here" instead of sleeping.
  std::size_t waiting_senders() const CSP_UNCHECKED { return waiting(senders_); }
  std::size_t waiting_receivers() const CSP_UNCHECKED { return waiting(receivers_); }
  bool holds_invariants() const;  // I1..I5, now
  bool holds_nothing() const;     // no case is queued, not even a dead one (C28)

 private:
  Core(const ElementType& type, std::size_t capacity) : type_(type), capacity_(capacity) {}
  ~Core();
  void destroy() noexcept;
  std::size_t waiting(const WaitQueue& queue) const;

  WaitQueue& queue_of(const QueuedCase& c) CSP_REQUIRES(lock_) {
    return c.sends() ? senders_ : receivers_;
  }
  bool complete_send(QueuedCase& send, Operation*& peer) CSP_REQUIRES(lock_);
  bool complete_receive(QueuedCase& receive, Operation*& peer) CSP_REQUIRES(lock_);
  void store(void* value) CSP_REQUIRES(lock_);
  void take(void* destination) CSP_REQUIRES(lock_);
  void* slot(std::size_t index) { return ring_ + index * type_.size; }
  std::size_t after(std::size_t index) const { return index + 1 == capacity_ ? 0 : index + 1; }

  const ElementType& type_;
  const std::size_t capacity_;
  std::byte* ring_ = nullptr;  // this and the next three are set once, in make()
  char* name_ = nullptr;
  std::size_t name_length_ = 0;
  std::size_t alignment_ = 0;
  Core* next_dying_ = nullptr;

  mutable Lock lock_;
  bool closed_ CSP_GUARDED_BY(lock_) = false;
  std::size_t size_ CSP_GUARDED_BY(lock_) = 0;
  std::size_t head_ CSP_GUARDED_BY(lock_) = 0;  // the oldest element
  std::size_t tail_ CSP_GUARDED_BY(lock_) = 0;  // where the next one goes
  WaitQueue senders_ CSP_GUARDED_BY(lock_);
  WaitQueue receivers_ CSP_GUARDED_BY(lock_);

  seam::Word handles_{1};
};

}  // namespace csp::detail
