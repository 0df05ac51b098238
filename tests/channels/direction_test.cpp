// SPDX-License-Identifier: Apache-2.0
//
// C50, and the part of C40 that a program can test without a compile error: what compiles and what
// does not. must_not_compile.sh checks the messages of refusals that are static_asserts.
#include <doctest/doctest.h>

#include <concepts>
#include <csp/csp.hpp>
#include <memory>
#include <mutex>

namespace {

using csp::Channel;
using csp::Outcome;
using csp::Receiver;
using csp::Sender;
using namespace std::chrono_literals;

template <class H>
concept CanSend = requires(const H handle) {
  handle.send(1);
};
template <class H>
concept CanTrySend = requires(const H handle) {
  handle.try_send(1);
};
template <class H>
concept CanReceive = requires(const H handle) {
  handle.receive();
};
template <class H>
concept CanTryReceive = requires(const H handle) {
  handle.try_receive();
};
template <class H>
concept CanRange = requires(const H handle) {
  handle.begin();
};
template <class H>
concept CanClose = requires(const H handle) {
  handle.close();
};

static_assert(CanSend<Channel<int>> && CanTrySend<Channel<int>> && CanReceive<Channel<int>> &&
              CanTryReceive<Channel<int>> && CanRange<Channel<int>> && CanClose<Channel<int>>);
static_assert(CanSend<Sender<int>> && CanTrySend<Sender<int>> && CanClose<Sender<int>>);
static_assert(!CanReceive<Sender<int>> && !CanTryReceive<Sender<int>> && !CanRange<Sender<int>>);
static_assert(CanReceive<Receiver<int>> && CanTryReceive<Receiver<int>> && CanRange<Receiver<int>>);
static_assert(!CanSend<Receiver<int>> && !CanTrySend<Receiver<int>> && !CanClose<Receiver<int>>);

// Narrowing is implicit, widening and crossing are impossible, and element types do not mix.
static_assert(std::convertible_to<Channel<int>, Sender<int>>);
static_assert(std::convertible_to<Channel<int>, Receiver<int>>);
static_assert(!std::constructible_from<Channel<int>, Sender<int>>);
static_assert(!std::constructible_from<Channel<int>, Receiver<int>>);
static_assert(!std::constructible_from<Sender<int>, Receiver<int>>);
static_assert(!std::constructible_from<Receiver<int>, Sender<int>>);
static_assert(!std::constructible_from<Sender<long>, Channel<int>>);
static_assert(!std::constructible_from<Channel<long>, Channel<int>>);

// A handle is as small as a pointer, and is nil by default.
static_assert(sizeof(Channel<int>) == sizeof(void*) && sizeof(Sender<int>) == sizeof(void*));
static_assert(std::regular<Channel<int>> && std::regular<Sender<int>>);
static_assert(std::is_nothrow_move_constructible_v<Channel<int>> &&
              std::is_nothrow_copy_constructible_v<Channel<int>>);

// A value that cannot be copied must be moved in. A token needs no value.
template <class T>
concept CanSendLvalue = requires(const Channel<T> handle, T& value) {
  handle.send(value);
};
static_assert(CanSendLvalue<int> && !CanSendLvalue<std::unique_ptr<int>>);
template <class T>
concept CanSendNothing = requires(const Channel<T> handle) {
  handle.send();
};
static_assert(CanSendNothing<void> && !CanSendNothing<int>);

}  // namespace

TEST_SUITE_BEGIN("direction");

TEST_CASE("C50 (Go: perm.go): directional handles name the same channel") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const Sender<int> sender = c;
  const Receiver<int> receiver = c;
  CHECK(sender.send(4) == Outcome::ok);
  CHECK(receiver.receive() == 4);
  CHECK(sender == Sender<int>(c));
  CHECK(receiver == c);
  CHECK(sender == receiver);
  CHECK(sender != Sender<int>());
  CHECK(sender.name() == "c");
  CHECK(sender.capacity() == 1);
  CHECK(sender.close() == Outcome::ok);
  CHECK_FALSE(receiver.receive());
}

TEST_CASE("C10 C35 C37: lvalues and tokens can be sent in every form") {
  const Channel<int> numbers = Channel<int>::make("numbers", 3);
  const Channel<void> tokens = Channel<void>::make("tokens", 3);
  const int number = 4;
  const std::stop_token never;
  CHECK(numbers.send(number, never) == Outcome::ok);
  CHECK(numbers.send_for(number, 1h) == Outcome::ok);
  CHECK(numbers.send_until(number, csp::kNever, never) == Outcome::ok);
  CHECK(numbers.send_for(number, 0s) == Outcome::timeout);
  CHECK(tokens.send(never) == Outcome::ok);
  CHECK(tokens.send_for(1h, never) == Outcome::ok);
  CHECK(tokens.send_until(csp::kNever) == Outcome::ok);
  CHECK(tokens.send_for(0s) == Outcome::timeout);
  CHECK(numbers.size() == 3);
  CHECK(tokens.size() == 3);
}

TEST_CASE("C5 (Go: range): a range loop keeps the channel that it began with") {
  Channel<int> c = Channel<int>::make("c", 3);
  for (int i = 0; i < 3; ++i) CHECK(c.send(i) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  int sum = 0;
  for (const int value : c) {
    c = {};  // the last handle except the loop's
    sum += value;
  }
  CHECK(sum == 3);
}

TEST_CASE("C50: directional handles work in select and as parameters") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const auto give = [](Sender<int> to) { return csp::select(csp::on_send(to, 3)); };
  const auto take = [](Receiver<int> from) {
    std::optional<int> got;
    csp::select(csp::on_receive(from, got));
    return got;
  };
  CHECK(give(c) == 0);
  CHECK(take(c) == 3);
}

TEST_SUITE_END();
