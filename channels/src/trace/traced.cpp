// SPDX-License-Identifier: Apache-2.0
//
// Links operations to the engine: what core/traced.hpp declares, how an event is built, and
// attach(), which is what a program sees of it.
#include "core/traced.hpp"

#include <algorithm>
#include <new>
#include <span>
#include <utility>

#include "core/channel.hpp"
#include "core/current_process.hpp"
#include "csp/trace.hpp"
#include "trace/engine.hpp"

namespace csp {
namespace detail {
namespace {

// In this file because every program with channels links it, so that the variable works in all of
// them, also where this library is an archive.
[[maybe_unused]] const bool kFromEnvironment = trace_from_environment();

Event make_event(const QueuedCase& c, Op op) {
  return {.sequence = c.sequence,
          .time = c.time.time_since_epoch() / std::chrono::nanoseconds(1),
          .op = op,
          .process = current_name(),
          .channel = c.channel->name(),
          .message = {}};
}

/// Pushes the event and gives back its reference to the channel (TraceEngine::number). The
/// reference is dropped last: it may be the final one, and the destructors of values left in the
/// channel may wait for the trace, which waits for this event.
void push(const QueuedCase& c, Event&& event) {
  TraceEngine::get().push(std::move(event));
  c.channel->release();
}

/// Lets the message describe itself. An exception costs the event its fields only: the message is
/// sent or received and its number pushed all the same.
void describe_message(const QueuedCase& c, Fields& fields) {
  const Exempt exempt;
  try {
    c.channel->type().describe(c.value, !c.sends(), fields);
  } catch (...) {
    fields = {};
  }
}

bool is_traced(const QueuedCase& c) { return c.channel && c.channel->named(); }

}  // namespace

void assign_sequences(QueuedCase* first, QueuedCase* second) {
  if (trace_exempt) return;
  // A send that has not described itself is left out: it was blocked before the trace began.
  const auto traced = [](QueuedCase* c) {
    return c && is_traced(*c) && !c->exempt && (!c->sends() || c->described) ? c : nullptr;
  };
  first = traced(first);
  second = traced(second);
  if (first || second) TraceEngine::get().number(first, second);
}

void TracedCall::begin(std::span<QueuedCase> cases) {
  if (trace_exempt) {
    for (QueuedCase& c : cases) c.exempt = true;
  }
  if (trace_exempt || std::ranges::none_of(cases, is_traced)) return;
  TraceEngine::get().wait_for_room();
  const auto describes = [](const QueuedCase& c) { return c.sends() && is_traced(c); };
  const auto count = static_cast<std::size_t>(std::ranges::count_if(cases, describes));
  try {
    if (count > 1) described_.reserve(count);  // so that pointers into it stay valid
  } catch (const std::bad_alloc&) {
    return;  // undescribed sends are left out of the trace; the operation goes on
  }
  for (QueuedCase& c : cases) {
    if (!describes(c)) continue;
    Fields& fields = count > 1 ? described_.emplace_back() : only_.emplace();
    describe_message(c, fields);
    c.described = &fields;
  }
}

void TracedCall::emit_event(const QueuedCase& c) {
  const bool closed = c.outcome == Outcome::closed;
  Event event = make_event(c, closed ? Op::closed : c.sends() ? Op::send : Op::recv);
  if (began_ != Clock::time_point{}) {
    event.waited = event.time - began_.time_since_epoch() / std::chrono::nanoseconds(1);
  }
  if (!closed && c.sends()) event.message = *c.described;
  if (!closed && !c.sends()) describe_message(c, event.message);
  push(c, std::move(event));
}

void emit_close(const QueuedCase& c) { push(c, make_event(c, Op::close)); }

void UnlimitedTrace::lift_limit(bool lifted) { TraceEngine::get().lift_limit(lifted); }

}  // namespace detail

Attachment attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
  detail::TraceEngine::get().attach(recorder, std::move(options));
  return Attachment(std::move(recorder));
}

Attachment::Attachment(Attachment&& other) noexcept = default;

Attachment& Attachment::operator=(Attachment&& other) noexcept {
  Attachment(std::move(other)).recorder_.swap(recorder_);  // detaches the previous recorder
  return *this;
}

Attachment::~Attachment() {
  if (recorder_) detail::TraceEngine::get().detach(recorder_);
}

void flush_trace() { detail::TraceEngine::get().flush(); }

}  // namespace csp
