// SPDX-License-Identifier: Apache-2.0
//
// serve: a process that is a loop over one select. Go writes `for { select { ... } }`; said as one
// call, the loop can be moved from thread to thread between its rounds, and that is what makes a
// message cheap: while the process is parked in its select, **the thread that brings it a message
// runs the handler in its place**, as Go's scheduler runs a receiver at once on the sender's own
// thread. Nobody is woken for it. One thread at a time is the process; its messages, their order
// and the trace are the same as if its own thread ran them.
//
//   csp::Process counter("counter", [&] {
//     long sum = 0;
//     csp::serve(csp::on_receive(numbers, [&](std::optional<long> n) {
//                  if (!n) return csp::stop;  // closed
//                  sum += *n;
//                  return csp::go_on;
//                }),
//                csp::on_send(sums, sum));    // copied anew each round
//   });
//
// What a handler must therefore allow for:
//   - **It must not wait for the one who brought the message**, who goes on only when the handler
//     is done. Answer on a channel with a free slot, or to one who uses csp::call, or by an
//     on_send case of the serve; or serve with Hosting::dedicated.
//   - Thread-locals and the stack are those of whoever brought the message.
//   - A thread that holds a lock which a handler takes must not bring it messages. It says
//     `const csp::never_carry here;` and the process's own thread does the work, as it does for
//     operations that may not wait for a handler: try and timed forms, those with a stop token,
//     close.
//   - A handler may send to another served process, and wait for it by channels, not otherwise:
//     that one's handlers run when this one's round is over, or, if this one blocks, on their own
//     thread.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <stop_token>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "csp/detail/cases.hpp"
#include "csp/process.hpp"
#include "csp/select.hpp"

namespace csp {

/// Where the rounds of a serve run.
enum class Hosting {
  assisted,   ///< on the thread that brings the message; on the process's own for all else
  dedicated,  ///< always on the process's own thread: for debugging, and to compare
};

/// assisted, unless the environment variable ASYNCSTREAM_HOSTING is "dedicated"; asked once, with
/// one warning on stderr if it is neither. Thread-safe.
Hosting default_hosting() noexcept;

/// While one exists, its thread runs no handlers of others. Thread-bound; may be nested.
class never_carry {
 public:
  never_carry() noexcept;
  ~never_carry();
  never_carry(const never_carry&) = delete;
  never_carry& operator=(const never_carry&) = delete;
};

/// While one exists, its thread runs the handlers of those whom it tells, by a close, that a
/// channel has ended: for who will join them next, and so waits for them in any case. Thread-bound;
/// may be nested.
class carry_closes {
 public:
  carry_closes() noexcept;
  ~carry_closes();
  carry_closes(const carry_closes&) = delete;
  carry_closes& operator=(const carry_closes&) = delete;
};

/// While one exists in a handler, threads that sleep and that its messages or closes make ready are
/// woken when the round is over: the process waits again, or its next handler is to run, or its
/// thread waits for anything of csp. For who answers many at once, so that they do not come back
/// and find the process busy. Until its end the handler must then not wait otherwise for any of
/// them, or for who waits for them. Thread-bound; may be nested; of no effect in a process that is
/// Hosting::dedicated.
class wake_later {
 public:
  wake_later() noexcept;
  ~wake_later();
  wake_later(const wake_later&) = delete;
  wake_later& operator=(const wake_later&) = delete;
};

namespace detail {

template <class C>
const std::stop_token* stop_of(const C& c) {
  if constexpr (Stop<C>) return &c.token();
  return nullptr;
}

// A base, so that it is there before Served refers to it.
template <std::size_t N>
struct Waiters {
  std::array<Case, N> to_arm;
  std::array<Waiter, N> waiters;
};

template <class... Cases>
class ServedCases final : Waiters<sizeof...(Cases)>, public Served {
 public:
  explicit ServedCases(Cases&... all)
      : Served(this->to_arm, this->waiters, first_of({detail::stop_of(all)...})), all_(all...) {}

  Setup arm() override {
    return std::apply([this](Cases&... each) { return detail::arm_all(armed, each...); }, all_);
  }
  bool fire(std::size_t index) override {
    return std::apply([&](Cases&... each) { return detail::fire_one(index, cases, each...); },
                      all_) == go_on;
  }

 private:
  static const std::stop_token* first_of(std::initializer_list<const std::stop_token*> tokens) {
    for (const std::stop_token* const token : tokens) {
      if (token) return token;
    }
    return nullptr;
  }

  std::tuple<Cases&...> all_;
};

}  // namespace detail

/// A process's body: select again and again, until a handler returns csp::stop, or throws; what it
/// throws is thrown from here. Predicates and channel variables are looked at anew each round.
/// Blocks its thread until then; thread-safe as select is.
template <class... Cases>
void serve(Hosting hosting, Cases&&... cases) {
  detail::ServedCases<std::remove_reference_t<Cases>...> served(cases...);
  detail::serve(served, hosting == Hosting::assisted);
}

template <class... Cases>
void serve(Cases&&... cases) {
  csp::serve(default_hosting(), cases...);
}

/// The cases of a process that is `serving`. What an on_send sends must outlive them: an lvalue.
template <class... Cases>
std::tuple<std::remove_cvref_t<Cases>...> cases(Cases&&... all) {
  static_assert((!detail::RefersToRvalue<std::remove_cvref_t<Cases>> && ...),
                "cases: on_send of a value that is gone when the case is used; capture it");
  return {std::forward<Cases>(all)...};
}

namespace detail {

template <class Make, class Tuple = std::invoke_result_t<Make&>>
class Serving {
  static_assert(!sizeof(Make*),
                "serving: what is called to make the cases returns csp::cases(...)");
};

template <class Make, class... Cases>
class Serving<Make, std::tuple<Cases...>> final : public Runnable {
 public:
  Serving(Hosting hosting, Make&& make)
      : hosting_(hosting),
        make_(std::move(make)),
        cases_(make_()),
        served_(std::apply([](Cases&... each) { return ServedCases<Cases...>(each...); }, cases_)) {
  }

  void run() override { detail::serve(served_, hosting_ == Hosting::assisted); }
  Served* served() override {
    constexpr bool kWaitsForMore = ((Timer<Cases> || Stop<Cases> || Otherwise<Cases>) || ...);
    return kWaitsForMore || hosting_ == Hosting::dedicated ? nullptr : &served_;
  }

 private:
  const Hosting hosting_;
  Make make_;
  std::tuple<Cases...> cases_;
  ServedCases<Cases...> served_;
};

}  // namespace detail

/// A process that is a serve and nothing else:
///
///   csp::Process counter = csp::serving("counter", hosting, [&numbers, sum = 0L]() mutable {
///     return csp::cases(csp::on_receive(numbers, [&](std::optional<long> n) { ... }));
///   });
///
/// `make` is called once and returns the cases; it lives as long as the process, so the cases may
/// refer to what it has captured. Under Hosting::assisted such a process has **no thread** until it
/// needs one: it starts on the calling thread, each round runs on the thread that brings its
/// message, and its end, too. A thread is started when a message comes from somebody who may not
/// carry (see above) or has carried long enough. If the system has none to give then, that message
/// is carried all the same. Serves with after, until, on_stop or otherwise have one from the start.
/// Throws std::system_error when a thread is needed at once and there is none; what a handler
/// throws is rethrown by the process's join(). Thread-safe.
template <class Make>
Process serving(std::string_view name, Hosting hosting, Make make) {
  return Process(name, std::make_unique<detail::Serving<Make>>(hosting, std::move(make)));
}

template <class Make>
Process serving(std::string_view name, Make make) {
  return csp::serving(name, default_hosting(), std::move(make));
}

}  // namespace csp
