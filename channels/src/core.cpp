// SPDX-License-Identifier: Apache-2.0
//
// What happens on one channel, under its lock: hand-over, buffering, closing, and the channel's own
// birth and death. See core.hpp for the invariants I1..I5 that each function leaves behind.
#include "core.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

#include "server.hpp"
#include "sleepers.hpp"
#include "trace_hook.hpp"

namespace csp::detail {

Core* Core::make(std::string_view name, std::size_t capacity, const ElementType& type) {
  const std::size_t alignment = std::max(alignof(Core), type.alignment);
  // Checked before anything is added up, so that no sum wraps (C1).
  constexpr std::size_t kLimit = std::numeric_limits<std::ptrdiff_t>::max();
  const std::size_t before_ring = sizeof(Core) + name.size() + alignment;
  if (before_ring > kLimit || capacity > (kLimit - before_ring) / type.size) {
    throw std::length_error("csp: a channel of this capacity does not fit the address space");
  }
  const std::size_t ring_at =
      (sizeof(Core) + name.size() + type.alignment - 1) & ~(type.alignment - 1);
  void* const memory = ::operator new(ring_at + capacity * type.size, std::align_val_t(alignment));

  Core* const core = new (memory) Core(type, capacity);
  std::byte* const base = static_cast<std::byte*>(memory);
  core->ring_ = base + ring_at;
  core->name_ = reinterpret_cast<char*>(base + sizeof(Core));
  core->name_length_ = name.size();
  core->alignment_ = alignment;
  std::copy(name.begin(), name.end(), core->name_);
  return core;
}

void Core::retain() noexcept {
  // relaxed: whoever copies a handle has one, so the count cannot reach zero meanwhile.
  handles_.fetch_add(1, std::memory_order_relaxed);
}

void Core::release() noexcept {
  // acq_rel: every use of the channel by other handles comes before its destruction by the last.
  if (handles_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  wait_for_report();
  const std::align_val_t alignment{alignment_};
  this->~Core();
  ::operator delete(this, alignment);
}

// No handle is left, so nobody else is here; values still buffered go in order (C43).
Core::~Core() CSP_UNCHECKED {
  // C46. An operation of someone who used another's handle without having one of his own.
  assert(senders_.empty() && receivers_.empty() && "csp: a channel was destroyed while in use");
  for (; size_ > 0; --size_) {
    void* const value = slot(head_);
    head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
    type_.destroy(value);
  }
}

bool Core::ready(const Waiter& waiter) {
  if (closed_) return true;
  if (waiter.sends) return size_ < capacity_ || receivers_.first_alive() || expected_here();
  return size_ > 0 || senders_.first_alive();
}

bool Core::expected_here() {
  return carrier.expected && carrier.expected->channel == this && size_ == 0 &&
         !senders_.first_alive();
}

bool Core::complete(Waiter& waiter, Operation*& peer) {
  return waiter.sends ? complete_send(waiter, peer) : complete_receive(waiter, peer);
}

bool Core::complete_send(Waiter& waiter, Operation*& peer) {
  if (closed_) {
    waiter.outcome = Outcome::closed;  // the value stays with the sender (C13)
    number(&waiter);
    return true;
  }
  if (Waiter* const receiver = receivers_.claim_first()) {
    number(&waiter, receiver);
    type_.deliver(receiver->value, waiter.value);
    receiver->outcome = Outcome::ok;
    peer = receiver->operation;
  } else if (expected_here()) {
    Waiter* const caller = std::exchange(carrier.expected, nullptr);
    number_answer(waiter, *caller);
    type_.deliver(caller->value, waiter.value);
    caller->outcome = Outcome::ok;
  } else if (size_ < capacity_) {
    number(&waiter);
    store(waiter.value);
  } else {
    return false;
  }
  waiter.outcome = Outcome::ok;
  return true;
}

bool Core::complete_receive(Waiter& waiter, Operation*& peer) {
  if (size_ > 0) {
    take(waiter.value);
    // The slot that came free belongs to the sender who has waited longest, at the same moment:
    // left empty, a newcomer could overtake it, against C6, and I3 would not hold.
    Waiter* const sender = senders_.claim_first();
    number(&waiter, sender);
    if (sender) {
      store(sender->value);
      sender->outcome = Outcome::ok;
      peer = sender->operation;
    }
  } else if (Waiter* const sender = senders_.claim_first()) {
    number(sender, &waiter);
    type_.deliver(waiter.value, sender->value);
    sender->outcome = Outcome::ok;
    peer = sender->operation;
  } else if (closed_) {
    waiter.outcome = Outcome::closed;
    number(&waiter);
    return true;
  } else {
    return false;
  }
  waiter.outcome = Outcome::ok;
  return true;
}

void Core::store(void* value) {
  type_.store(slot(tail_), value);
  tail_ = tail_ + 1 == capacity_ ? 0 : tail_ + 1;
  ++size_;
}

void Core::take(void* destination) {
  void* const value = slot(head_);
  type_.deliver(destination, value);
  type_.destroy(value);
  head_ = head_ + 1 == capacity_ ? 0 : head_ + 1;
  --size_;
}

void Core::enqueue(Waiter& waiter) { (waiter.sends ? senders_ : receivers_).push(&waiter); }

void Core::dequeue(Waiter& waiter) {
  if (waiter.queued) (waiter.sends ? senders_ : receivers_).remove(&waiter);
}

Outcome Core::close() {
  // Linked through `next`; claimed, so ours alone.
  Waiter* asleep = nullptr;
  Waiter* served = nullptr;
  Waiter event{{.channel = this}};
  {
    Locked locked(lock_);
    if (closed_) return Outcome::closed;
    closed_ = true;
    number(&event);
    // If both sides wait it is one operation (I5), which gets the case whose turn is first (C30).
    const Waiter* const sender = senders_.first_alive();
    const Waiter* const receiver = receivers_.first_alive();
    const bool receivers_first = sender && receiver && receiver->turn < sender->turn;
    for (WaitQueue* const queue :
         {receivers_first ? &receivers_ : &senders_, receivers_first ? &senders_ : &receivers_}) {
      while (Waiter* const waiter = queue->claim_first()) {
        if (waiter->queued) queue->evict(waiter);
        waiter->outcome = Outcome::closed;
        number(waiter);
        Waiter*& list = waiter->operation->server() ? served : asleep;
        waiter->next = std::exchange(list, waiter);
      }
    }
  }
  // Published with the lock free: a woken thread that uses this channel at once does not run into
  // it. `next` is read first, since the waiter is gone once published. Where no thread is to be had
  // for one of the served processes it is run here and now, and may wait for those who sleep, or
  // for the others: so it comes last, when all of these are published, or on this thread's list.
  if (event.sequence != 0) push_close(event);
  while (asleep) std::exchange(asleep, asleep->next)->operation->complete(false);
  while (served) std::exchange(served, served->next)->operation->server()->bring_listed();
  if (carrier.closes == 0 || carrier.never > 0) leave_brought();
  TracedCall::end(event);
  run_brought();
  return Outcome::ok;
}

std::size_t Core::size() const {
  Locked locked(lock_);
  return size_;
}

std::size_t Core::waiting_senders() const {
  Locked locked(lock_);
  std::size_t count = 0;
  senders_.for_each_alive([&](const Waiter&) { ++count; });
  return count;
}

std::size_t Core::waiting_receivers() const {
  Locked locked(lock_);
  std::size_t count = 0;
  receivers_.for_each_alive([&](const Waiter&) { ++count; });
  return count;
}

bool Core::holds_invariants() const {
  Locked locked(lock_);
  bool sender_waits = false;
  bool receiver_waits = false;
  bool strangers_wait_together = false;
  // The lock is held, but clang looks at a lambda's body apart from where it is called.
  senders_.for_each_alive([&](const Waiter& sender) CSP_UNCHECKED {
    sender_waits = true;
    receivers_.for_each_alive([&](const Waiter& receiver) {
      if (receiver.operation != sender.operation) strangers_wait_together = true;
    });
  });
  receivers_.for_each_alive([&](const Waiter&) { receiver_waits = true; });
  return size_ <= capacity_ && !(size_ > 0 && receiver_waits) &&
         !(size_ < capacity_ && !closed_ && sender_waits) &&
         !(closed_ && (sender_waits || receiver_waits)) && !strangers_wait_together;
}

bool Core::holds_nobody() const {
  Locked locked(lock_);
  return senders_.empty() && receivers_.empty();
}

Core* make_core(std::string_view name, std::size_t capacity, const ElementType& type) {
  return Core::make(name, capacity, type);
}

void retain(Core* core) noexcept { core->retain(); }
void release(Core* core) noexcept { core->release(); }

Outcome close(Core* core) {
  if (!core) throw Misuse("csp: close of a nil channel");
  return core->close();
}

std::size_t size(const Core* core) noexcept { return core ? core->size() : 0; }
std::size_t capacity(const Core* core) noexcept { return core ? core->capacity() : 0; }
std::string_view name(const Core* core) noexcept { return core ? core->name() : "nil"; }

}  // namespace csp::detail
