// SPDX-License-Identifier: Apache-2.0
//
// call: send a request, receive its answer; Go's `requests <- v; answer := <-answers` as one
// operation. What it adds is that the answer is waited for from the beginning: a served process
// whose handler runs on the calling thread (csp/serve.hpp) puts the answer where the caller wants
// it, also on a channel of capacity 0, and nothing is buffered, nor anybody woken, on the way.
#pragma once

#include <memory>
#include <stop_token>

#include "csp/channel.hpp"
#include "csp/detail/cases.hpp"

namespace csp {

/// Blocks until the request is handed over, without limit, also on a nil channel: for processes
/// that always listen soon. Then until an answer has come, or the deadline, or a stop request: ok,
/// closed, timeout or cancelled, as receive_until. closed is also told if `requests` was closed,
/// and then nothing was sent and `request` is untouched (C13). Other values on `answers` are not
/// told from the answer: the channel should be the caller's own. Thread-safe.
template <detail::CanSend To, detail::CanReceive From>
Received<typename From::Value> call(const To& requests, typename To::Value&& request,
                                    const From& answers, Clock::time_point deadline = kNever,
                                    const std::stop_token& token = {}) {
  Received<typename From::Value> answer{Outcome::would_block, std::nullopt};
  detail::Waiter sends{
      {.channel = requests.core(), .value = std::addressof(request), .sends = true}};
  detail::Waiter receives{{.channel = answers.core(), .value = &answer.value, .sends = false}};
  const std::size_t happened =
      detail::call(sends, receives, {.deadline = deadline, .stop = &token});
  answer.outcome =
      sends.outcome == Outcome::ok ? detail::outcome_of(happened, receives) : sends.outcome;
  return answer;
}
template <detail::CanSend To, detail::CanReceive From,
          detail::Copyable<typename To::Value> Copied = typename To::Value>
Received<typename From::Value> call(const To& requests, const std::type_identity_t<Copied>& request,
                                    const From& answers, Clock::time_point deadline = kNever,
                                    const std::stop_token& token = {}) {
  return csp::call(requests, Copied(request), answers, deadline, token);
}

}  // namespace csp
