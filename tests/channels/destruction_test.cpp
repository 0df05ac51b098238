// SPDX-License-Identifier: Apache-2.0
//
// How elements are destroyed: C43 (each exactly once, in order, and never under a lock unless it
// was moved from) and C44 (a channel that could not be made leaves nothing behind).
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "support/allocations.hpp"
#include "support/counted.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using support::Counted;
using support::Tally;
using namespace std::chrono_literals;

// Its destructor sends its number to another channel, unless the object was moved from.
class SendsWhenDestroyed {
 public:
  SendsWhenDestroyed(Channel<int> to, int number) : to_(std::move(to)), number_(number) {}
  SendsWhenDestroyed(SendsWhenDestroyed&&) noexcept = default;
  SendsWhenDestroyed& operator=(SendsWhenDestroyed&&) = delete;
  ~SendsWhenDestroyed() {
    if (to_) (void)to_.send(int{number_});
  }

 private:
  Channel<int> to_;
  int number_;
};

}  // namespace

TEST_SUITE_BEGIN("destruction");

TEST_CASE("C43: the last handle destroys undelivered values, in order, each once") {
  Tally tally;
  {
    Channel<Counted> c = Channel<Counted>::make("c", 4);
    for (int i = 0; i < 6; ++i) {
      CHECK(c.send(Counted(tally, i)) == Outcome::ok);
      if (i < 2) c.receive();  // so that the ring has wrapped
    }
    const Channel<Counted> other = c;
    c = {};
    CHECK(tally.destroyed() == std::vector<int>{0, 1});
  }
  CHECK(tally.destroyed() == std::vector<int>{0, 1, 2, 3, 4, 5});
  CHECK(tally.live == 0);
}

// A value whose destructor tells a process to end. Service keeps one in a channel, and joins the
// process after that channel is destroyed.
struct ClosesAtEnd {
  explicit ClosesAtEnd(Channel<void> which) : to(std::move(which)) {}
  ClosesAtEnd(ClosesAtEnd&&) noexcept = default;
  ~ClosesAtEnd() {
    if (to) to.close();
  }
  Channel<void> to;
};
struct Service {
  Service() { CHECK(jobs.send(ClosesAtEnd(ended)) == Outcome::ok); }
  const Channel<void> ended = Channel<void>::make();
  csp::Process worker{"worker", [e = ended] { e.receive(); }};
  Channel<ClosesAtEnd> jobs = Channel<ClosesAtEnd>::make(1);
};

TEST_CASE("C43: a channel in a channel is destroyed at once, which may end a process") {
  const Channel<std::unique_ptr<Service>> outer = Channel<std::unique_ptr<Service>>::make(1);
  CHECK(outer.send(std::make_unique<Service>()) == Outcome::ok);
}

struct Link {
  Channel<Link> next;
};

TEST_CASE("C43: a chain of a million channels in channels is freed without a deep stack") {
  const support::Allocations before = support::allocations_here();
  {
    Channel<Link> first = Channel<Link>::make(1);
    for (int i = 0; i < 1'000'000; ++i) {
      Channel<Link> outer = Channel<Link>::make(1);
      (void)outer.send(Link{std::move(first)});
      first = std::move(outer);
    }
  }
  const support::Allocations during = support::allocations_here() - before;
  CHECK(during.made == during.freed);
}

TEST_CASE("C43: values are destroyed exactly once, whatever became of them") {
  Tally tally;
  {
    const Channel<Counted> c = Channel<Counted>::make("c", 1);
    support::Threads threads;
    CHECK(c.send(Counted(tally, 1)) == Outcome::ok);
    threads.run([&] { CHECK(c.send(Counted(tally, 2)) == Outcome::closed); });
    support::wait_for_senders(c, 1);
    CHECK(c.try_send(Counted(tally, 3)) == Outcome::would_block);
    CHECK(c.send_for(Counted(tally, 4), 1us) == Outcome::timeout);
    CHECK(c.close() == Outcome::ok);
    CHECK(c.receive()->id() == 1);
  }
  CHECK(tally.live == 0);
  CHECK(tally.destroyed().size() == 4);
}

TEST_CASE("C43: a live value's destructor may use any channel, including the one it came from") {
  const Channel<int> out = Channel<int>::make("out", 10);
  {
    const Channel<SendsWhenDestroyed> c = Channel<SendsWhenDestroyed>::make("c", 3);
    for (int i = 0; i < 3; ++i) CHECK(c.send(SendsWhenDestroyed(out, i)) == Outcome::ok);
    { const std::optional<SendsWhenDestroyed> got = c.receive(); }
    csp::select(csp::on_receive(c, [](std::optional<SendsWhenDestroyed>) {}));
    CHECK(out.size() == 2);
  }
  CHECK(out.size() == 3);  // the last went with the channel
  for (int i = 0; i < 3; ++i) CHECK(out.receive() == i);
}

TEST_CASE("C43: a receive into an engaged optional destroys the old value with no lock held") {
  struct UsesChannel {
    UsesChannel(const Channel<UsesChannel>* c, int) : channel(c) {}
    UsesChannel(UsesChannel&& other) noexcept : channel(std::exchange(other.channel, nullptr)) {}
    UsesChannel& operator=(UsesChannel&&) = delete;
    ~UsesChannel() {
      if (channel) (void)channel->size();  // deadlocks if the lock is held here
    }
    const Channel<UsesChannel>* channel;
  };
  const Channel<UsesChannel> c = Channel<UsesChannel>::make("c", 4);
  for (int i = 0; i < 4; ++i) CHECK(c.send(UsesChannel(&c, i)) == Outcome::ok);
  std::optional<UsesChannel> got;
  csp::select(csp::on_receive(c, got));
  csp::select(csp::on_receive(c, got));
  CHECK(c.close() == Outcome::ok);
  int turns = 0;
  for (const UsesChannel& element : c) turns += element.channel == &c;
  CHECK(turns == 2);
}

TEST_CASE("C44: a failed allocation throws and leaves nothing behind") {
  const support::Allocations before = support::allocations_here();
  bool thrown = false;
  support::fail_next(1);
  try {
    const Channel<int> c = Channel<int>::make("c", 100);
  } catch (const std::bad_alloc&) {
    thrown = true;
  }
  support::fail_next(0);
  const support::Allocations during = support::allocations_here() - before;
  CHECK(thrown);
  CHECK(during.made == during.freed);
  CHECK(Channel<int>::make("c", 100).capacity() == 100);
}

TEST_SUITE_END();
