// SPDX-License-Identifier: Apache-2.0
//
// How long things live: handles (C45) and their misuse (C46), threads that end (C47), static and
// thread_local destructors (C48), fork (C49). ASan and TSan find here what a plain build cannot:
// memory that is touched after it was freed.
#include <doctest/doctest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <csp/waiting.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/allocations.hpp"
#include "support/child.hpp"
#include "support/race.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

// Uses channels, select included, when it is destroyed: at a thread's or the program's end.
struct UsesChannelsWhenDestroyed {
  explicit UsesChannelsWhenDestroyed(Channel<int> c) : channel(std::move(c)) {}
  ~UsesChannelsWhenDestroyed() {
    const Channel<int> own = Channel<int>::make("own", 1);
    std::optional<int> got;
    const bool sent = csp::select(csp::on_send(own, 5), csp::after(1h)) == 0;
    const bool waited = own.receive() == 5 && own.receive_for(1ms).outcome == Outcome::timeout;
    const bool taken = csp::select(csp::on_receive(channel, got), csp::on_receive(own)) == 0;
    if (!sent || !waited || !taken || got != 7) std::_Exit(3);
    std::fputs("destroyed in order\n", stderr);
  }
  Channel<int> channel;
};

int use_in_static_destructor() {
  const Channel<int> c = Channel<int>::make("c", 1);
  if (c.send(7) != Outcome::ok) return 1;
  static const UsesChannelsWhenDestroyed at_exit(c);
  return 0;
}
const support::ChildProgram kStatic("static_destructor", use_in_static_destructor);

// The main thread's thread_local is destroyed before statics; its peer is a detached thread.
int use_in_thread_local_destructor() {
  const Channel<int> c = Channel<int>::make("c");
  thread_local const UsesChannelsWhenDestroyed at_thread_exit(c);
  (void)at_thread_exit;
  std::thread([c] { (void)c.send(7); }).detach();
  return 0;
}
const support::ChildProgram kThreadLocal("thread_local_destructor", use_in_thread_local_destructor);

int use_in_atexit() {
  static Channel<int> c = Channel<int>::make("c", 1);
  std::atexit([] {
    if (c.send(1) != Outcome::ok || c.receive() != 1) std::_Exit(3);
    std::fputs("destroyed in order\n", stderr);
  });
  return 0;
}
const support::ChildProgram kAtExit("atexit", use_in_atexit);

// A detached thread is blocked in a channel while the program ends.
int leave_a_blocked_thread() {
  const Channel<int> c = Channel<int>::make("c");
  std::thread([c] {
    pthread_setname_np(pthread_self(), "blocked");
    c.receive();
  }).detach();
  support::wait_until_blocked();
  return 0;
}
const support::ChildProgram kDetached("detached_thread", leave_a_blocked_thread);

// Drops the only handle of a channel that another thread waits on, by reference.
int destroy_in_use() {
  std::unique_ptr<Channel<int>> c = std::make_unique<Channel<int>>(Channel<int>::make("in use"));
  std::thread([channel = c.get()] { channel->receive(); }).detach();
  support::wait_for_receivers(*c, 1);
  c.reset();
  support::wait_until(
      [] { return csp::waiting().waiting.size() == 1; });  // it spins a little first
  return csp::waiting().waiting[0].cases[0] == "recv in use" ? 0 : 4;
}
const support::ChildProgram kInUse("destroy_in_use", destroy_in_use);

// Returns from main while a detached thread receives from a channel with static storage.
int leave_global_in_use() {
  static const Channel<int> global = Channel<int>::make("global");
  std::thread([] { global.receive(); }).detach();
  support::wait_for_receivers(global, 1);
  return 0;
}
const support::ChildProgram kGlobal("leave_global_in_use", leave_global_in_use);

int use_after_fork() {
  const Channel<int> c = Channel<int>::make("c", 2);
  {
    csp::Process peer("peer", [&] { (void)c.send(1); });
    peer.join();
  }
  // The channel is idle now: one value is buffered, and no operation is under way.
  const pid_t child = fork();
  if (child == 0) {
    const bool works = c.receive() == 1 && c.send(2) == Outcome::ok && c.try_receive().value == 2 &&
                       c.receive_for(1ms).outcome == Outcome::timeout &&
                       csp::select(csp::on_receive(c), csp::otherwise()) == 1 &&
                       c.close() == Outcome::ok && !c.receive();
    bool meets = TESTS_UNDER_TSAN;  // TSan refuses threads in such a child
    if (!meets) {
      const Channel<int> fresh = Channel<int>::make("fresh");
      csp::Process peer("peer", [&] { meets = fresh.receive() == 3; });
      meets = fresh.send(3) == Outcome::ok;
      peer.join();
    }
    std::_Exit(works && meets ? 0 : 4);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || status != 0) return 5;
  return c.receive() == 1 && c.size() == 0 ? 0 : 6;  // the parent's own channel is as it was
}
const support::ChildProgram kFork("fork", use_after_fork);

/// Forks while threads fall asleep and wake on their own channels.
int fork_amid_sleepers() {
  const Channel<int> idle = Channel<int>::make("idle");
  std::vector<std::jthread> sleepers;
  for (int i = 0; i < 4; ++i) {
    sleepers.emplace_back([](const std::stop_token& stop) {
      const Channel<int> own = Channel<int>::make("own");
      while (!stop.stop_requested()) (void)own.receive_for(1us);
    });
  }
  for (std::size_t i = support::scaled(300); i > 0; --i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(20);  // the child waits for ever, or is done in a moment
      std::_Exit(idle.receive_for(1us).outcome == Outcome::timeout ? 0 : 4);
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || status != 0) return 5;
  }
  return 0;
}
const support::ChildProgram kForkAmid("fork_amid_sleepers", fork_amid_sleepers);

// The receiver drops the channel's only handle, which the sender has used by reference.
std::size_t receive_and_drop(std::size_t capacity, std::size_t times) {
  std::size_t rounds = 0;  // fewer than requested if they take long
  std::unique_ptr<Channel<int>> c;
  support::race(
      support::scaled(times),
      [&] {
        c = std::make_unique<Channel<int>>(Channel<int>::make("c", capacity));
        ++rounds;
      },
      [&] {
        CHECK(c->receive() == 1);
        c.reset();
      },
      [&, mine = &c] { CHECK((*mine)->send(1) == Outcome::ok); }, [] {});
  return rounds;
}

}  // namespace

TEST_SUITE_BEGIN("lifetime");

TEST_CASE("C45: the receiver of the last value may drop the channel while the sender returns") {
  for (const std::size_t capacity : {0, 1}) receive_and_drop(capacity, 20000);
}

TEST_CASE("C45: after such a drop the sender's later event still names the channel") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment trace = csp::attach(recorder);
  for (const std::size_t capacity : {0, 1}) {
    const std::size_t rounds = receive_and_drop(capacity, 5000);
    const std::vector<csp::Event> events = recorder->take();
    CHECK(events.size() == 2 * rounds);
    for (const csp::Event& event : events) CHECK(event.channel.view() == "c");
  }
}

TEST_CASE("C45: the sender to a waiting receiver may drop the channel while the receiver returns") {
  std::unique_ptr<Channel<int>> c;
  support::race(
      support::scaled(20000), [&] { c = std::make_unique<Channel<int>>(Channel<int>::make("c")); },
      [&] {
        CHECK(c->send(1) == Outcome::ok);
        c.reset();
      },
      [&] { CHECK(c->receive() == 1); }, [] {});
}

TEST_CASE("C45: handles copied and dropped during operations keep the channel alive") {
  const int rounds = int(support::scaled(5000));
  support::Threads threads;
  Channel<int> c = Channel<int>::make("c");
  threads.run([c, rounds] {
    for (int i = 0; i < rounds; ++i) {
      const csp::Sender<int> copy = c;
      CHECK(copy.send(int{i}) == Outcome::ok);
    }
  });
  threads.run([taken = csp::Receiver<int>(c), rounds] {
    for (int i = 0; i < rounds; ++i) CHECK(csp::Receiver<int>(taken).receive() == i);
  });
  c = {};
}

TEST_CASE("C45: each answer can have a one-shot channel of its own") {
  struct Request {
    int number;
    Channel<int> answer;
  };
  const Channel<Request> requests = Channel<Request>::make("requests");
  support::Threads threads;
  threads.run([&] {
    for (const Request& request : requests) {
      CHECK(request.answer.send(request.number * 2) == Outcome::ok);
    }
  });
  int wrong = 0;
  for (int i = 0; i < int(support::scaled(5000)); ++i) {
    const Channel<int> answer = Channel<int>::make("answer", std::size_t(i % 2));
    CHECK(requests.send(Request{i, answer}) == Outcome::ok);
    wrong += answer.receive() != 2 * i;
  }
  CHECK(wrong == 0);
  CHECK(requests.close() == Outcome::ok);
}

TEST_CASE("C46: a channel outlives the operations that wait on it, also at the program's end") {
  for (const char* const program : {"destroy_in_use", "leave_global_in_use"}) {
    const support::ChildResult result = support::run_child(program);
    CHECK(result.end == "exit 0");
    CHECK(result.errors == "");
  }
}

TEST_CASE("C47: short-lived threads leave nothing behind") {
  const Channel<int> c = Channel<int>::make("c");
  const auto one_thread = [&] {
    std::thread peer([&] {
      CHECK(c.send(1) == Outcome::ok);
      csp::select(csp::on_receive(c), csp::on_send(c, 2));
    });
    CHECK(c.receive() == 1);
    CHECK(c.receive() == 2);
    peer.join();
  };
  one_thread();
  const support::Allocations before = support::allocations_everywhere();
  for (std::size_t i = 0; i < support::scaled(5000); ++i) one_thread();
  const support::Allocations during = support::allocations_everywhere() - before;
  CHECK(during.made == during.freed);
  CHECK(support::nobody_waits(c));
}

TEST_CASE("C48: static and thread_local destructors and atexit may use channels and select") {
  for (const char* const program : {"static_destructor", "thread_local_destructor", "atexit"}) {
    const support::ChildResult result = support::run_child(program);
    CHECK_MESSAGE(result.end == "exit 0", program << ": " << result.errors);
    CHECK_MESSAGE(result.errors == "destroyed in order\n", program);
  }
}

TEST_CASE("C48: a thread blocked in a channel does not delay the program's end") {
  CHECK(support::run_child("detached_thread").end == "exit 0");
}

TEST_CASE("C49: a channel that is idle at fork works in the child") {
  const support::ChildResult result = support::run_child("fork");
  CHECK_MESSAGE(result.end == "exit 0", result.errors);
}

TEST_CASE("C49: an idle channel works in the child, whatever other threads did at the fork") {
  const support::ChildResult result = support::run_child("fork_amid_sleepers");
  CHECK_MESSAGE(result.end == "exit 0", result.errors);
}

TEST_SUITE_END();
