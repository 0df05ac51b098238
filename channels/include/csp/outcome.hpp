// SPDX-License-Identifier: Apache-2.0
//
// How a channel operation can end. In Go a second result or a panic reports a closed channel, and
// there are no timed or cancellable forms. Here every operation has one of five outcomes, so that
// nothing that can happen in a correct program is an exception. Only programming errors (such as
// closing a nil channel) throw: Misuse, in every build.
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace csp {

/// How an operation ended. Only `ok` moved a value; with any other outcome nothing happened.
enum class Outcome {
  ok,           ///< the value was handed over
  closed,       ///< the channel is closed (for a receive: and drained)
  would_block,  ///< a try form found that it would have to wait
  timeout,      ///< the deadline passed first
  cancelled,    ///< stop was requested first
};

/// The outcome's name as in the enumeration, such as "would_block". Thread-safe.
constexpr std::string_view to_string(Outcome outcome) noexcept {
  constexpr std::string_view names[] = {"ok", "closed", "would_block", "timeout", "cancelled"};
  const auto index = static_cast<std::size_t>(outcome);
  return index < std::size(names) ? names[index] : "unknown";
}

/// The result of a try, timed or cancellable receive. `value` is engaged exactly when `outcome` is
/// ok, and only then may the operators below be used.
///
///   if (const auto job = jobs.receive_for(1s)) run(*job);
///   else if (job.outcome == csp::Outcome::closed) return;
template <class T>
struct Received {
  Outcome outcome;
  std::optional<T> value;
  explicit operator bool() const noexcept { return outcome == Outcome::ok; }
  /// The value.
  T& operator*() & noexcept { return *value; }
  const T& operator*() const& noexcept { return *value; }
  T&& operator*() && noexcept { return *std::move(value); }
  T* operator->() noexcept { return &*value; }
  const T* operator->() const noexcept { return &*value; }
};

/// The message of a Channel<void>: it carries no value, only the fact that it was sent.
struct Token {
  friend constexpr bool operator==(Token, Token) noexcept { return true; }
};

/// Thrown for programming errors, in every build.
class Misuse : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace csp
