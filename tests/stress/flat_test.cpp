// SPDX-License-Identifier: Apache-2.0
//
// What must not grow, and what must cost nothing: the memory of a program that selects a million
// times and makes a hundred thousand threads (S11), as the kernel counts it; and the processor time
// of streams on which nothing happens (S10).
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/scale.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

namespace {

using namespace support;
using csp::Channel;

/// The bytes of memory that belong to this program and to no other.
std::size_t resident() {
  std::size_t all = 0;
  std::size_t here = 0;
  std::ifstream("/proc/self/statm") >> all >> here;
  return here * std::size_t(sysconf(_SC_PAGESIZE));
}

struct Usage {
  std::chrono::microseconds cpu;
  long switches;

  static Usage now() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto microseconds = [](const timeval& t) {
      return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
    };
    return {microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
            usage.ru_nvcsw + usage.ru_nivcsw};
  }
};

void select_often(std::size_t times) {
  const Channel<int> busy = Channel<int>::make("busy", 1);
  const Channel<int> quiet = Channel<int>::make("quiet");
  for (std::size_t i = 0; i < times; ++i) {
    csp::select(on_send(busy, 1), on_receive(busy), on_receive(quiet), on_send(quiet, 1));
  }
}

void make_threads(std::size_t count) {
  const Channel<int> c = Channel<int>::make("c");
  for (std::size_t i = 0; i < count; ++i) {
    std::thread peer([&] { csp::select(on_send(c, 1), csp::after(std::chrono::hours(1))); });
    CHECK(c.receive() == 1);
    peer.join();
  }
}

}  // namespace

TEST_SUITE_BEGIN("flat");

TEST_CASE("S11: a million selects and a hundred thousand threads take no memory (C47 C54 C55)") {
  extend_deadline(std::chrono::seconds(100));
  select_often(1000);
  make_threads(100);
  const std::size_t before = resident();
  select_often(scaled(1'000'000));
  make_threads(scaled(100'000));
  // One byte for each select would be more. Sanitizers keep freed memory, and records of it, for a
  // while.
  if (!TESTS_UNDER_ASAN && !TESTS_UNDER_TSAN) CHECK(resident() < before + 100'000);
}

TEST_CASE("S10: a hundred streams with readers that wait cost no processor time (C51)") {
  constexpr std::size_t kStreams = 100;
  const Feed feed = make_feed();
  std::vector<AsyncStream> streams;
  std::vector<StreamReader> readers;
  Threads threads;
  for (std::size_t i = 0; i < kStreams; ++i) {
    streams.push_back(AsyncStream::from_reader(100, pulled(feed)));
    readers.push_back(streams.back().make_stream_reader("idle"));
  }
  for (StreamReader& reader : readers) {
    threads.run([&reader] {
      Bytes into(1);
      CHECK(reader.read(into) == nothing(errc::cancelled));
    });
  }
  wait_for_sleepers("recv responses:idle", kStreams);
  CHECK(csp::wait_until_idle(std::chrono::steady_clock::now() + std::chrono::minutes(1)));
  const Usage before = Usage::now();
  // The time in which nothing happens is the measurement itself.
  CHECK(Channel<int>::make("never").receive_for(std::chrono::seconds(2)).outcome ==
        csp::Outcome::timeout);
  const Usage after = Usage::now();
  CHECK(after.cpu - before.cpu < std::chrono::milliseconds(20));
  CHECK(after.switches - before.switches < 50);  // of the watchdog and this thread
  for (AsyncStream& stream : streams) stream.cancel();
  threads.join();
}

TEST_SUITE_END();
