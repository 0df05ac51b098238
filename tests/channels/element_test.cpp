// SPDX-License-Identifier: Apache-2.0
//
// Elements of every kind: C40 (requirements), C41 (move-only types, void, channels of channels, and
// the moves of each hop), C42 (layout). destruction_test.cpp tests how elements are destroyed;
// direction_test.cpp and must_not_compile/ test what must not compile.
#include <doctest/doctest.h>
#include <pthread.h>

#include <array>
#include <csp/csp.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/counted.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using support::Counted;
using support::Tally;
using namespace std::chrono_literals;

template <std::size_t A>
struct alignas(A) Aligned {
  explicit Aligned(int v) : value(v) {}
  Aligned(Aligned&& other) noexcept : value(other.value) { check(); }
  ~Aligned() { check(); }
  void check() const { misaligned += reinterpret_cast<std::uintptr_t>(this) % A != 0; }
  int value;
  static inline int misaligned = 0;
};

struct Empty {};

struct Link {
  Channel<Link> next;
  int value;
};

struct Large {
  std::array<unsigned char, 65536> bytes;
};

template <std::size_t A>
void check_alignment() {
  for (const std::size_t capacity : {0, 1, 3}) {
    // Names of several lengths, since the ring is stored behind the name.
    for (const char* const name : {"", "a", "a name of some length"}) {
      const Channel<Aligned<A>> c = Channel<Aligned<A>>::make(name, capacity);
      for (std::size_t i = 0; i < capacity; ++i) CHECK(c.send(Aligned<A>(int(i))) == Outcome::ok);
      support::Threads threads;
      threads.run([&] { CHECK(c.send(Aligned<A>(int(capacity))) == Outcome::ok); });
      for (std::size_t i = 0; i <= capacity; ++i) CHECK(c.receive()->value == int(i));
    }
  }
  CHECK(Aligned<A>::misaligned == 0);
}

// Runs the function on a thread with a stack of this many bytes, which is joined before the return.
void run_on_small_stack(std::size_t bytes, std::function<void()> function) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, bytes) == 0);
  pthread_t thread{};
  REQUIRE(pthread_create(
              &thread, &attributes,
              [](void* f) -> void* {
                (*static_cast<std::function<void()>*>(f))();
                return nullptr;
              },
              &function) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace

TEST_SUITE_BEGIN("element");

TEST_CASE("C40: an element needs no default constructor, no copy and no assignment") {
  struct Minimal {
    explicit Minimal(int v) : value(v) {}
    Minimal(Minimal&& other) noexcept : value(other.value) {}
    Minimal& operator=(Minimal&&) = delete;
    int value;
  };
  for (const std::size_t capacity : {0, 2}) {
    const Channel<Minimal> c = Channel<Minimal>::make("c", capacity);
    support::Threads threads;
    threads.run([&] {
      CHECK(c.send(Minimal(1)) == Outcome::ok);
      CHECK(c.send_for(Minimal(2), 1h) == Outcome::ok);
      csp::select(csp::on_send(c, Minimal(3)));
    });
    CHECK(c.receive()->value == 1);
    CHECK(c.receive_for(1h).value->value == 2);
    csp::select(csp::on_receive(c, [](std::optional<Minimal> got) { CHECK(got->value == 3); }));
  }
}

TEST_CASE("C41: unique_ptr, void and channels of channels can be elements") {
  const Channel<std::unique_ptr<std::string>> boxes =
      Channel<std::unique_ptr<std::string>>::make("boxes", 1);
  CHECK(boxes.send(std::make_unique<std::string>("text")) == Outcome::ok);
  CHECK(**boxes.receive() == "text");

  const Channel<void> tokens = Channel<void>::make("tokens", 2);
  CHECK(tokens.send() == Outcome::ok);
  CHECK(tokens.try_send() == Outcome::ok);
  CHECK(tokens.try_send() == Outcome::would_block);
  CHECK(tokens.receive().has_value());
  CHECK(csp::select(csp::on_send(tokens), csp::otherwise()) == 0);
  CHECK(csp::select(csp::on_receive(tokens), csp::otherwise()) == 0);
  CHECK(tokens.close() == Outcome::ok);
  int turns = 0;
  for (csp::Token token : tokens) turns += token == csp::Token{};
  CHECK(turns == 1);

  const Channel<Channel<int>> doors = Channel<Channel<int>>::make("doors");
  support::Threads threads;
  threads.run([&] {
    const Channel<int> answer = Channel<int>::make("answer");
    CHECK(doors.send(answer) == Outcome::ok);
    CHECK(answer.receive() == 42);
  });
  CHECK(doors.receive()->send(42) == Outcome::ok);
}

TEST_CASE("C41: an element may hold a channel of its own type") {
  const auto first = Channel<Link>::make("first", 1);
  const auto second = Channel<Link>::make("second", 1);
  CHECK(first.send(Link{second, 1}) == Outcome::ok);
  const Link kept{{}, 2};
  CHECK(second.try_send(kept) == Outcome::ok);  // a copy, made only here
  std::optional<Link> link = first.receive();
  REQUIRE(link);
  CHECK(link->value == 1);
  link = link->next.receive();
  REQUIRE(link);
  CHECK(link->value == 2);
  CHECK_FALSE(link->next);
}

TEST_CASE("C41: at most two moves per hop, and no copy") {
  Tally tally;
  const Channel<Counted> buffered = Channel<Counted>::make("buffered", 1);
  CHECK(buffered.send(Counted(tally, 1)) == Outcome::ok);
  CHECK(buffered.receive()->id() == 1);
  CHECK(tally.moves <= 2);

  const Channel<Counted> direct = Channel<Counted>::make("direct");
  for (const bool sender_waits : {true, false}) {
    tally.moves = 0;
    support::Threads threads;
    if (sender_waits) {
      threads.run([&] { CHECK(direct.send(Counted(tally, 2)) == Outcome::ok); });
      support::wait_for_senders(direct, 1);
      CHECK(direct.try_receive().value->id() == 2);
    } else {
      threads.run([&] { CHECK(direct.receive()->id() == 2); });
      support::wait_for_receivers(direct, 1);
      CHECK(direct.try_send(Counted(tally, 2)) == Outcome::ok);
    }
    threads.join();
    CHECK(tally.moves == 1);
  }
  CHECK(tally.copies == 0);
  CHECK(tally.live == 0);
}

TEST_CASE("C41: a failed send moves nothing") {
  Tally tally;
  const Channel<Counted> c = Channel<Counted>::make("c");
  Counted value(tally, 1);
  std::stop_source stop;
  stop.request_stop();
  CHECK(c.try_send(std::move(value)) == Outcome::would_block);
  CHECK(c.send_for(std::move(value), 1us) == Outcome::timeout);
  CHECK(c.send(std::move(value), stop.get_token()) == Outcome::cancelled);
  CHECK(csp::select(csp::on_send(c, std::move(value)), csp::after(1us)) == 1);
  CHECK(c.close() == Outcome::ok);
  CHECK(c.send(std::move(value)) == Outcome::closed);
  CHECK(csp::select(csp::on_send(c, std::move(value))) == 0);
  CHECK(tally.moves == 0);
  CHECK_FALSE(value.moved_from());
}

TEST_CASE("C42: over-aligned elements are stored aligned") {
  check_alignment<64>();
  check_alignment<128>();
  check_alignment<4096>();
}

TEST_CASE("C42: empty elements are counted exactly, also a million of them") {
  const Channel<Empty> c = Channel<Empty>::make("c", 1'000'000);
  std::size_t held = 0;
  while (c.try_send(Empty{}) == Outcome::ok) ++held;
  CHECK(held == 1'000'000);
  while (c.try_receive()) --held;
  CHECK(held == 0);
}

TEST_CASE("C42: elements of 64 KiB pass through threads with small stacks") {
  // The receiver has its 64 KiB on the stack once; copies on the way would not fit.
  constexpr std::size_t kStack = 4 * sizeof(Large);
  for (const std::size_t capacity : {0, 1}) {
    const Channel<Large> c = Channel<Large>::make("c", capacity);
    const std::unique_ptr<Large> sent = std::make_unique<Large>();
    sent->bytes.fill(7);
    sent->bytes.back() = 9;
    support::Threads threads;
    threads.run([&] {
      run_on_small_stack(kStack, [&] {
        CHECK(c.send(std::move(*sent)) == Outcome::ok);
        CHECK(c.try_send(std::move(*sent)) != Outcome::closed);
      });
    });
    run_on_small_stack(kStack, [&] {
      const std::optional<Large> got = c.receive();
      CHECK((got && got->bytes[0] == 7 && got->bytes.back() == 9));
    });
  }
}

TEST_CASE("C23: a value of another type is converted, an lvalue or a number anew in each round") {
  const Channel<std::string> words = Channel<std::string>::make("words", 3);
  const Channel<long> sums = Channel<long>::make("sums", 3);
  int sum = 0;
  int rounds = 0;
  const char* const word = "word";
  csp::serve(
      csp::on_send(words, "tick", [&](Outcome) { return ++rounds == 6 ? csp::stop : csp::go_on; }),
      csp::when([&] { return false; }, csp::on_send(words, word)),
      csp::on_send(sums, sum, [&](Outcome) {
        ++sum;
        return ++rounds == 6 ? csp::stop : csp::go_on;
      }));
  for (int i = 0; i < 3; ++i) {
    CHECK(words.receive() == "tick");
    CHECK(sums.receive() == i);
  }
  // A value that cannot be copied is converted once, even if it is not sent then.
  struct Base {
    virtual ~Base() = default;
  };
  struct Derived : Base {};
  const auto bases = Channel<std::unique_ptr<Base>>::make("bases");
  std::unique_ptr<Base> base = std::make_unique<Derived>();
  CHECK(csp::select(csp::on_send(bases, std::move(base)), csp::otherwise()) == 1);
  CHECK(base);
  CHECK(csp::select(csp::on_send(bases, std::make_unique<Derived>()), csp::otherwise()) == 1);
  const std::string constant = "constant";
  CHECK(csp::select(csp::on_send(words, std::move(constant))) == 0);
  CHECK(constant == "constant");
  CHECK(words.receive() == "constant");
}

TEST_SUITE_END();
