// SPDX-License-Identifier: Apache-2.0
//
// The operations of one channel, under its lock: hand-over, buffering, closing; and how a channel
// is created and freed. Each function preserves the invariants I1 to I5 of channel.hpp.
#include "core/channel.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

#include "core/traced.hpp"

namespace csp::detail {

Core* Core::make(std::string_view name, std::size_t capacity, const ElementType& type) {
  const std::size_t alignment = std::max(alignof(Core), type.alignment);
  // Checked before anything is added, so that no sum wraps (C1).
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
  // relaxed: the thread copies a handle that it holds, so the count cannot reach zero meanwhile.
  handles_.fetch_add(1, std::memory_order_relaxed);
}

void Core::release() noexcept {
  // acq_rel: every use of the channel through other handles comes before its destruction by the
  // last one.
  if (handles_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy();
}

namespace {
// The channels that are still to be freed, linked through next_dying_.
constinit thread_local Core* dying CSP_NEAR = nullptr;
constinit thread_local unsigned depth CSP_NEAR = 0;  // of nested destroy() calls
}  // namespace

/// A channel's values may hold the last handles of further channels, and so on, without limit. At a
/// depth of kDeepest, further channels are no longer destroyed recursively but left to the loop of
/// the innermost call, because a stack is finite.
void Core::destroy() noexcept {
  constexpr unsigned kDeepest = 64;
  next_dying_ = std::exchange(dying, this);
  if (depth == kDeepest) return;
  ++depth;
  while (Core* const next = dying) {
    dying = next->next_dying_;
    const std::align_val_t alignment{next->alignment_};
    next->~Core();
    ::operator delete(next, alignment);
  }
  --depth;
}

// No handle is left, so no other thread is here. Values that are still buffered are destroyed in
// order (C43).
Core::~Core() CSP_UNCHECKED {
  for (; size_ > 0; --size_, head_ = after(head_)) type_.destroy(slot(head_));
}

bool Core::ready(const QueuedCase& c) {
  if (closed_) return true;
  if (c.sends()) return size_ < capacity_ || receivers_.first_alive();
  return size_ > 0 || senders_.first_alive();
}

bool Core::complete(QueuedCase& c, Operation*& peer) {
  return c.sends() ? complete_send(c, peer) : complete_receive(c, peer);
}

bool Core::complete_send(QueuedCase& send, Operation*& peer) {
  if (closed_) {
    send.outcome = Outcome::closed;  // the value stays with the sender (C13)
    assign_sequence(&send);
    return true;
  }
  if (QueuedCase* const receive = receivers_.claim_first()) {
    assign_sequence(&send, receive);
    type_.deliver(receive->value, send.value);
    receive->outcome = Outcome::ok;
    peer = receive->operation;
  } else if (size_ < capacity_) {
    assign_sequence(&send);
    store(send.value);
  } else {
    return false;
  }
  send.outcome = Outcome::ok;
  return true;
}

bool Core::complete_receive(QueuedCase& receive, Operation*& peer) {
  if (size_ > 0) {
    take(receive.value);
    // The freed slot goes to the sender that has waited longest, at the same moment. If it were
    // left empty, a new arrival could overtake that sender, against C6, and I3 would not hold.
    QueuedCase* const send = senders_.claim_first();
    assign_sequence(&receive, send);
    if (send) {
      store(send->value);
      send->outcome = Outcome::ok;
      peer = send->operation;
    }
  } else if (QueuedCase* const send = senders_.claim_first()) {
    assign_sequence(send, &receive);
    type_.deliver(receive.value, send->value);
    send->outcome = Outcome::ok;
    peer = send->operation;
  } else if (closed_) {
    receive.outcome = Outcome::closed;
    assign_sequence(&receive);
    return true;
  } else {
    return false;
  }
  receive.outcome = Outcome::ok;
  return true;
}

void Core::store(void* value) {
  type_.store(slot(tail_), value);
  tail_ = after(tail_);
  ++size_;
}

void Core::take(void* destination) {
  void* const value = slot(head_);
  type_.deliver(destination, value);
  type_.destroy(value);
  head_ = after(head_);
  --size_;
}

Outcome Core::close() {
  QueuedCase event{{.channel = this}};
  const TracedCall trace({&event, 1});
  QueuedCase* woken = nullptr;  // linked through `next`; claimed, so only this thread uses them
  {
    Locked locked(lock_);
    if (closed_) return Outcome::closed;
    closed_ = true;
    assign_sequence(&event);
    // If both sides wait, they are cases of one operation (I5); the case with the lower turn
    // happens (C30).
    const QueuedCase* const send = senders_.first_alive();
    const QueuedCase* const receive = receivers_.first_alive();
    const bool receivers_first = send && receive && receive->turn < send->turn;
    for (WaitQueue* const queue :
         {receivers_first ? &receivers_ : &senders_, receivers_first ? &senders_ : &receivers_}) {
      while (QueuedCase* const waiting = queue->claim_first()) {
        waiting->outcome = Outcome::closed;
        assign_sequence(waiting);
        waiting->next = std::exchange(woken, waiting);
      }
    }
  }
  if (event.sequence != 0) emit_close(event);
  // Published after the lock is released, so that a woken thread that uses this channel at once
  // does not find it locked. `next` is read first, since the case is gone once its operation is
  // published.
  while (woken) std::exchange(woken, woken->next)->operation->publish();
  return Outcome::ok;
}

std::size_t Core::size() const {
  Locked locked(lock_);
  return size_;
}

std::size_t Core::waiting(const WaitQueue& queue) const {
  Locked locked(lock_);
  std::size_t count = 0;
  queue.for_each_alive([&](const QueuedCase&) { ++count; });
  return count;
}

bool Core::holds_invariants() const {
  Locked locked(lock_);
  bool sender_waits = false;
  bool receiver_waits = false;
  bool unrelated_wait_together = false;
  // The lock is held, but clang analyses a lambda's body separately from its caller.
  senders_.for_each_alive([&](const QueuedCase& sender) CSP_UNCHECKED {
    sender_waits = true;
    receivers_.for_each_alive([&](const QueuedCase& receiver) {
      if (receiver.operation != sender.operation) unrelated_wait_together = true;
    });
  });
  receivers_.for_each_alive([&](const QueuedCase&) { receiver_waits = true; });
  return size_ <= capacity_ && !(size_ > 0 && receiver_waits) &&
         !(size_ < capacity_ && !closed_ && sender_waits) &&
         !(closed_ && (sender_waits || receiver_waits)) && !unrelated_wait_together;
}

bool Core::holds_nothing() const {
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
