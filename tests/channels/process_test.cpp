// SPDX-License-Identifier: Apache-2.0
//
// csp::Process: named, joined by its owner, and what leaves its function is kept for whoever joins.
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <csp/csp.hpp>
#include <memory>
#include <stdexcept>
#include <string>

#include "support/waiting.hpp"

namespace {

std::string thread_name() {
  char name[16] = "";
  pthread_getname_np(pthread_self(), name, sizeof name);
  return name;
}

}  // namespace

TEST_SUITE_BEGIN("process");

TEST_CASE("a process runs its function on a thread of that name, cut to 15 characters") {
  std::string name;
  std::string current;
  csp::Process process("readIntoBuffer of 1", [&] {
    name = thread_name();
    current = csp::Process::current_name();
  });
  process.join();
  CHECK(name == "readIntoBuffer ");
  CHECK(current == "readIntoBuffer of 1");
}

TEST_CASE("outside a process the current name is the thread's") {
  CHECK(csp::Process::current_name() == thread_name());
}

TEST_CASE("the end of a process's scope joins it") {
  std::atomic<bool> ended{false};
  const csp::Channel<int> c = csp::Channel<int>::make("c");
  {
    csp::Process process("p", [&] {
      c.receive();
      ended = true;
    });
    CHECK(process.joinable());
    CHECK(c.send(1) == csp::Outcome::ok);
  }
  CHECK(ended);
}

TEST_CASE("an exception is kept and rethrown to who joins, once") {
  csp::Process process("p", [] { throw std::runtime_error("from inside"); });
  CHECK_THROWS_WITH_AS(process.join(), "from inside", std::runtime_error);
  CHECK_FALSE(process.joinable());
  CHECK_NOTHROW(process.join());
}

TEST_CASE("an exception that nobody joins for is dropped") {
  CHECK_NOTHROW(csp::Process("p", [] { throw std::runtime_error("unheard"); }));
}

TEST_CASE("a process can be moved; assigning joins what was held") {
  std::atomic<int> ended{0};
  csp::Process first("first", [&] { ++ended; });
  csp::Process second("second", [&] { ++ended; });
  first = std::move(second);
  CHECK(ended >= 1);
  CHECK_FALSE(second.joinable());  // NOLINT: the state after the move is the point
  first.join();
  CHECK(ended == 2);
  csp::Process none;
  CHECK_FALSE(none.joinable());
  none.join();
}

TEST_CASE("what the function captured is destroyed before join returns, on the process's thread") {
  struct Note {
    std::string* where;
    explicit Note(std::string* w) : where(w) {}
    ~Note() { *where = thread_name(); }
  };
  std::string where;
  csp::Process process("owner", [note = std::make_unique<Note>(&where)] {});
  process.join();
  CHECK(where == "owner");
}

TEST_SUITE_END();
