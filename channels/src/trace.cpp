// SPDX-License-Identifier: Apache-2.0
//
// An operation's part in its trace: what trace_hook.hpp asks of the engine, and how an event is put
// together; and attaching, which is all a program sees of it.
#include <span>
#include <utility>

#include "core.hpp"
#include "csp/process.hpp"
#include "csp/trace.hpp"
#include "current_process.hpp"
#include "server.hpp"
#include "trace_engine.hpp"
#include "trace_hook.hpp"

namespace csp {
namespace detail {
namespace {

// Here, in a file that every program with channels links, so that the variable works in all of
// them, also where this library is an archive.
[[maybe_unused]] const bool kFromEnvironment = trace_from_environment();

Event make_event(const Waiter& waiter, Op op) {
  return {.sequence = waiter.sequence,
          .time = waiter.time.time_since_epoch() / std::chrono::nanoseconds(1),
          .op = op,
          .process = Process::current_name(),
          .channel = waiter.channel->name(),
          .message = {}};
}

/// The channel is only ours until here (TraceEngine::number).
void push(const Waiter& waiter, Event&& event) {
  waiter.channel->release();
  TraceEngine::get().push(std::move(event));
}

/// A message is sent and received, and its number pushed, whatever describing it throws.
void describe_message(const Waiter& waiter, Fields& fields) {
  try {
    waiter.channel->type().describe(waiter.value, !waiter.sends, fields);
  } catch (...) {
    fields = {};
  }
}

}  // namespace

void number_events(Waiter* first, Waiter* second) {
  const auto traced = [](Waiter* w) {
    // A send that was blocked before the trace began has not described itself: it stays out.
    return w && w->channel->named() && (!w->sends || w->described) ? w : nullptr;
  };
  first = traced(first);
  second = traced(second);
  if ((!first && !second) || TraceEngine::in_recorder()) return;
  carrier.numbered = true;
  TraceEngine::get().number(first, second);
}

void number_answer_events(Waiter& send, Waiter& answer) {
  if (!send.described) return;
  number_events(&send, &answer);
  if (answer.sequence != 0) carrier.owed = &answer;
}

void wait_for_room() {
  if (TraceEngine::get().is_full()) TraceEngine::get().wait_for_room();
}

void TracedCall::describe(std::span<Waiter> cases) {
  only_.reset();
  described_.clear();
  for (Waiter& waiter : cases) waiter.described = nullptr;
  if (!trace_on()) return;
  if (cases.size() > 1) described_.reserve(cases.size());  // so that the pointers stay good
  for (Waiter& waiter : cases) {
    if (!waiter.sends || !waiter.channel || !waiter.channel->named()) continue;
    Fields& fields = cases.size() > 1 ? described_.emplace_back() : only_.emplace();
    describe_message(waiter, fields);
    waiter.described = &fields;
  }
}

void TracedCall::push(const Waiter& waiter) {
  const bool closed = waiter.outcome == Outcome::closed;
  Event event = make_event(waiter, closed ? Op::closed : waiter.sends ? Op::send : Op::recv);
  if (began_ != Clock::time_point{}) {
    event.waited = event.time - began_.time_since_epoch() / std::chrono::nanoseconds(1);
  }
  if (!closed) {
    if (waiter.sends) {
      event.message = *waiter.described;
    } else {
      describe_message(waiter, event.message);
    }
  }
  detail::push(waiter, std::move(event));
  if (const Waiter* const answer = std::exchange(carrier.owed, nullptr)) {
    const std::string* const handler = std::exchange(current_process, carrier.caller);
    Event received = make_event(*answer, Op::recv);
    current_process = handler;
    describe_message(*answer, received.message);
    detail::push(*answer, std::move(received));
  }
}

void push_close(const Waiter& waiter) { push(waiter, make_event(waiter, Op::close)); }

}  // namespace detail

Attachment attach(std::shared_ptr<Recorder> recorder, TraceOptions options) {
  detail::TraceEngine::get().attach(recorder, std::move(options));
  return Attachment(std::move(recorder));
}

Attachment::Attachment(Attachment&& other) noexcept = default;

Attachment& Attachment::operator=(Attachment&& other) noexcept {
  Attachment(std::move(other)).recorder_.swap(recorder_);  // what was ours ends here
  return *this;
}

Attachment::~Attachment() {
  if (recorder_) detail::TraceEngine::get().detach(recorder_);
}

void flush_trace() { detail::TraceEngine::get().flush(); }

}  // namespace csp
