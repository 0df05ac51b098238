// SPDX-License-Identifier: Apache-2.0
//
// Core: one channel, untyped; Go's hchan. One allocation holds the object, its name and the ring of
// its buffered elements (C54).
//
// Invariants, at every moment at which the lock is free (C4); "waits" means queued and not claimed:
//   I1  0 <= size_ <= capacity_
//   I2  size_ > 0           => no receiver waits
//   I3  size_ < capacity_, open => no sender waits
//   I4  closed_             => nobody waits
//   I5  a sender and a receiver wait together only if both belong to one operation (C26)
//
// complete() is the whole meaning of a channel: it makes one case happen now, if it can. All else
// is who is asked (perform.cpp) and how one waits (operation.hpp).
#pragma once

#include <cstddef>
#include <string_view>

#include "csp/detail/core.hpp"
#include "lobby.hpp"
#include "lock.hpp"
#include "wait_queue.hpp"

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

  /// Whether the case could happen now.
  bool ready(const Waiter& waiter) CSP_REQUIRES(lock_);

  /// Makes the case happen now and sets its outcome, or returns false and does nothing. A peer that
  /// waited for it is handed back in `peer`, claimed and complete: publish it once no lock is held.
  bool complete(Waiter& waiter, Operation*& peer) CSP_REQUIRES(lock_);

  /// Whether a served process has a place among those whom the case could meet.
  bool meets_served(const Waiter& waiter) const CSP_REQUIRES(lock_) {
    return (waiter.sends ? receivers_ : senders_).holds_served();
  }
  Lobby& lobby() CSP_REQUIRES(lock_) { return lobby_; }

  void enqueue(Waiter& waiter) CSP_REQUIRES(lock_);
  void dequeue(Waiter& waiter) CSP_REQUIRES(lock_);  // nothing, if it is queued no more

  // Debug hooks, for tests: a test waits until "two senders wait here" instead of sleeping.
  std::size_t waiting_senders() const;
  std::size_t waiting_receivers() const;
  bool holds_invariants() const;  // I1..I5, now
  bool holds_nobody() const;      // no case is queued, not even a dead one (C28)

 private:
  Core(const ElementType& type, std::size_t capacity) : type_(type), capacity_(capacity) {}
  ~Core();

  /// Whether this thread is in a call() whose answer is to come from here. It stands behind all who
  /// wait to receive, and takes no value past those in the buffer or those who wait to send (C6,
  /// C7).
  bool expected_here() CSP_REQUIRES(lock_);
  bool complete_send(Waiter& waiter, Operation*& peer) CSP_REQUIRES(lock_);
  bool complete_receive(Waiter& waiter, Operation*& peer) CSP_REQUIRES(lock_);
  void store(void* value) CSP_REQUIRES(lock_);
  void take(void* destination) CSP_REQUIRES(lock_);
  void* slot(std::size_t index) { return ring_ + index * type_.size; }

  const ElementType& type_;
  const std::size_t capacity_;
  std::byte* ring_ = nullptr;  // these three are set once, before anybody else knows the channel
  char* name_ = nullptr;
  std::size_t name_length_ = 0;
  std::size_t alignment_ = 0;

  mutable Lock lock_;
  bool closed_ CSP_GUARDED_BY(lock_) = false;
  std::size_t size_ CSP_GUARDED_BY(lock_) = 0;
  std::size_t head_ CSP_GUARDED_BY(lock_) = 0;  // the oldest element
  std::size_t tail_ CSP_GUARDED_BY(lock_) = 0;  // where the next one goes
  WaitQueue senders_ CSP_GUARDED_BY(lock_);
  WaitQueue receivers_ CSP_GUARDED_BY(lock_);
  Lobby lobby_ CSP_GUARDED_BY(lock_);

  seam::Word handles_{1};
};

}  // namespace csp::detail
