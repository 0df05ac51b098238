// SPDX-License-Identifier: Apache-2.0
//
// What surrounds the choice of a select: when expressions are evaluated and values moved or copied
// (C32), what a handler may do (C34), and serve(), which selects repeatedly.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <memory>
#include <stdexcept>
#include <vector>

#include "support/counted.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;
using csp::select;
using namespace std::chrono_literals;
using support::Counted;
using support::Tally;

// Movable, but not assignable, as C40 allows.
struct NotAssignable {
  explicit NotAssignable(int v) : value(v) {}
  NotAssignable(NotAssignable&& other) noexcept : value(other.value) {}
  NotAssignable& operator=(NotAssignable&&) = delete;
  int value;
};

}  // namespace

TEST_SUITE_BEGIN("select_handlers");

TEST_CASE("C32: channel and value expressions are evaluated once at entry, chosen or not") {
  const Channel<int> full = Channel<int>::make("full", 1);
  const Channel<int> room = Channel<int>::make("room", 10);
  CHECK(full.send(0) == Outcome::ok);
  int channels = 0;
  int values = 0;
  const auto channel = [&](const Channel<int>& c) -> const Channel<int>& {
    ++channels;
    return c;
  };
  const auto value = [&](int v) {
    ++values;
    return v;
  };
  CHECK(select(on_send(channel(full), value(1)), on_send(channel(room), value(2))) == 1);
  CHECK(channels == 2);
  CHECK(values == 2);
  CHECK(select(on_receive(channel(Channel<int>())), on_send(channel(full), value(3)),
               csp::otherwise()) == 2);
  CHECK(channels == 4);
  CHECK(values == 3);
  CHECK(room.receive() == 2);
}

TEST_CASE("C32: a receive inside another case's value expression happens first") {
  const Channel<int> a = Channel<int>::make("a", 1);
  const Channel<int> b = Channel<int>::make("b", 1);
  CHECK(a.send(5) == Outcome::ok);
  CHECK(select(on_send(b, *a.receive() + 1), on_receive(a)) == 0);
  CHECK(b.receive() == 6);
}

TEST_CASE("C32: a destination is written only if its case happens") {
  const Channel<int> quiet = Channel<int>::make("quiet");
  const Channel<int> ready = Channel<int>::make("ready", 1);
  const Channel<int> closed = Channel<int>::make("closed");
  CHECK(closed.close() == Outcome::ok);
  CHECK(ready.send(2) == Outcome::ok);
  std::optional<int> untouched = 1;
  std::optional<int> written = 1;
  CHECK(select(on_receive(quiet, untouched), on_receive(ready, written)) == 1);
  CHECK(untouched == 1);
  CHECK(written == 2);
  CHECK(select(on_receive(quiet, untouched), on_receive(closed, written)) == 1);
  CHECK(written == std::nullopt);
}

TEST_CASE("C32: an lvalue is copied at entry, an rvalue moved only if it is sent") {
  Tally tally;
  const Channel<Counted> c = Channel<Counted>::make("c", 1);
  Counted original(tally, 1);
  CHECK(select(on_send(c, original)) == 0);
  CHECK(tally.copies == 1);
  CHECK_FALSE(original.moved_from());
  CHECK(select(on_send(c, std::move(original)), csp::otherwise()) == 1);
  CHECK_FALSE(original.moved_from());
  c.receive();
  tally.copies = 0;
  CHECK(select(on_send(c, std::move(original)), csp::otherwise()) == 0);
  CHECK(original.moved_from());
  CHECK(tally.copies == 0);
}

TEST_CASE("C32, C40: select and range loops need no assignment of the element") {
  const Channel<NotAssignable> c = Channel<NotAssignable>::make("c", 3);
  for (int i = 0; i < 3; ++i) CHECK(c.send(NotAssignable(i)) == Outcome::ok);
  CHECK(c.close() == Outcome::ok);
  std::optional<NotAssignable> got;
  CHECK(select(on_receive(c, got)) == 0);
  CHECK(got->value == 0);
  int sum = 0;
  for (const NotAssignable& element : c) sum += element.value;
  CHECK(sum == 3);
}

TEST_CASE("C34: a handler may use the same channels and select again") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const Channel<int> d = Channel<int>::make("d", 1);
  CHECK(c.send(1) == Outcome::ok);
  int depth = 0;
  select(on_receive(c,
                    [&](std::optional<int> got) {
                      CHECK(got == 1);
                      CHECK(c.send(2) == Outcome::ok);
                      select(on_receive(c,
                                        [&](std::optional<int> again) {
                                          CHECK(again == 2);
                                          ++depth;
                                          CHECK(c.close() == Outcome::ok);
                                        }),
                             on_receive(d));
                      ++depth;
                    }),
         on_receive(d));
  CHECK(depth == 2);
}

TEST_CASE("C34: a handler may block until another thread has used the same channels") {
  const Channel<int> c = Channel<int>::make("c");
  const Channel<int> d = Channel<int>::make("d");
  support::Threads threads;
  threads.run([&] {
    CHECK(c.send(1) == Outcome::ok);
    CHECK(c.send(2) == Outcome::ok);
    CHECK(d.send(3) == Outcome::ok);
  });
  select(on_receive(d), on_receive(c, [&](std::optional<int>) {
           CHECK(c.receive() == 2);
           CHECK(d.receive() == 3);
         }));
}

TEST_CASE("C34: a handler's exception propagates, and the operation is not undone") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK_THROWS_AS(select(on_send(c, 1, [](Outcome) { throw std::runtime_error("handler"); })),
                  std::runtime_error);
  CHECK(c.size() == 1);
  CHECK_THROWS_AS(
      select(on_receive(c, [](std::optional<int>) { throw std::runtime_error("handler"); })),
      std::runtime_error);
  CHECK(c.size() == 0);
  CHECK_THROWS_AS(select(on_receive(c), csp::after(1us, [] { throw std::runtime_error("late"); })),
                  std::runtime_error);
  CHECK(support::nobody_waits(c));
  CHECK(select(on_send(c, 2)) == 0);
}

TEST_CASE("C34: exactly the handler of the case that happened runs, once, after the operation") {
  const Channel<int> c = Channel<int>::make("c", 1);
  const Channel<int> quiet = Channel<int>::make("quiet");
  std::vector<char> ran;
  select(on_receive(quiet, [&](std::optional<int>) { ran.push_back('q'); }),
         on_send(c, 1,
                 [&](Outcome outcome) {
                   CHECK(outcome == Outcome::ok);
                   CHECK(c.size() == 1);
                   ran.push_back('s');
                 }),
         csp::otherwise([&] { ran.push_back('o'); }));
  CHECK(ran == std::vector<char>{'s'});
}

TEST_CASE("serve selects again and again until a handler returns csp::stop") {
  const Channel<int> c = Channel<int>::make("c");
  support::Threads threads;
  threads.run([&] {
    for (int i = 0; i < 100; ++i) CHECK(c.send(int{i}) == Outcome::ok);
    CHECK(c.close() == Outcome::ok);
  });
  int sum = 0;
  csp::serve(on_receive(c, [&](std::optional<int> got) {
    sum += got.value_or(0);
    return got ? csp::go_on : csp::stop;
  }));
  CHECK(sum == 4950);
}

TEST_CASE("C23: serve sends a moved-in value once") {
  const Channel<std::string> c = Channel<std::string>::make("c", 3);
  std::string text(100, 'x');
  int sent = 0;
  csp::serve(on_send(c, std::move(text), [&](Outcome) { ++sent; }),
             csp::after(1ms, [] { return csp::stop; }));
  CHECK(sent == 1);
  CHECK(c.size() == 1);
  CHECK(c.receive() == std::string(100, 'x'));
}

TEST_CASE("serve copies a value to send in each round, and counts a timeout from each round") {
  const Channel<int> c = Channel<int>::make("c", 3);
  int value = 0;
  int timeouts = 0;
  csp::serve(on_send(c, value, [&](Outcome) { ++value; }),
             csp::after(1ms, [&] { return ++timeouts == 2 ? csp::stop : csp::go_on; }));
  CHECK(c.receive() == 0);
  CHECK(c.receive() == 1);
  CHECK(c.receive() == 2);
  CHECK(timeouts == 2);
}

TEST_CASE("serve ends with a handler's exception") {
  const Channel<int> c = Channel<int>::make("c", 1);
  CHECK(c.send(1) == Outcome::ok);
  CHECK_THROWS_AS(
      csp::serve(on_receive(c, [](std::optional<int>) { throw std::runtime_error("out"); })),
      std::runtime_error);
  CHECK(support::nobody_waits(c));
}

TEST_SUITE_END();
