// SPDX-License-Identifier: Apache-2.0
//
// Tests readersMonitor alone: the process runs on a wiring without a stream, readers or the other
// processes, and the test uses the other ends of its channels.
#include <doctest/doctest.h>

#include "lib/streams.hpp"
#include "processes.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace asyncstream::detail {
namespace {

using csp::Outcome;
using support::wait_for_receivers;
using support::waiting_receivers;

/// The process. Before each question it is parked in its select, so that a try form is precise.
class Monitor {
 public:
  explicit Monitor(std::size_t limit)
      : wiring_(Buffer::reserve(0), {.max_readers = limit}),
        process_("readersMonitor", [this] { readers_monitor(wiring_); }) {}
  ~Monitor() {
    for (const auto* channel :
         {&wiring_.add_reader, &wiring_.subtract_reader, &wiring_.wait_zero_readers}) {
      (void)channel->close();
    }
  }

  Outcome add() { return at_rest().add_reader.try_send(); }
  Outcome subtract() { return at_rest().subtract_reader.try_send(); }
  Outcome close() { return at_rest().wait_zero_readers.try_send(); }
  std::size_t count() { return wiring_.reader_count.receive().value_or(SIZE_MAX); }
  Wiring& wiring() { return wiring_; }

 private:
  Wiring& at_rest() {
    support::wait_for_senders(wiring_.reader_count, 1);
    return wiring_;
  }
  Wiring wiring_;
  csp::Process process_;
};

TEST_CASE("A8: readersMonitor admits readers up to its limit, and one more for each that closes") {
  for (const std::size_t limit :
       {std::size_t{1}, std::size_t{2}, std::size_t{99}, std::size_t{100}}) {
    CAPTURE(limit);
    Monitor monitor(limit);
    for (std::size_t i = 0; i < limit; ++i) {
      CHECK(monitor.count() == i);
      CHECK(monitor.add() == Outcome::ok);
    }
    CHECK(monitor.add() == Outcome::would_block);
    CHECK(monitor.count() == limit);
    CHECK(monitor.subtract() == Outcome::ok);
    CHECK(monitor.add() == Outcome::ok);
    CHECK(monitor.add() == Outcome::would_block);
    for (std::size_t i = 0; i < limit; ++i) CHECK(monitor.subtract() == Outcome::ok);
    CHECK(monitor.count() == 0);
  }
}

TEST_CASE("A8: with a limit of zero no reader is admitted, and the stream can close") {
  Monitor monitor(0);
  CHECK(monitor.add() == Outcome::would_block);
  CHECK(monitor.close() == Outcome::ok);
}

TEST_CASE("A9 Q20: readersMonitor releases only readers that it has, and closes only without any") {
  Monitor monitor(2);
  CHECK(monitor.subtract() == Outcome::would_block);
  CHECK(monitor.add() == Outcome::ok);
  CHECK(monitor.close() == Outcome::would_block);
  CHECK(monitor.subtract() == Outcome::ok);
  CHECK(monitor.subtract() == Outcome::would_block);
  CHECK(monitor.close() == Outcome::ok);
}

TEST_CASE("A9 Q25: once the stream closes readersMonitor admits no reader") {
  Monitor monitor(2);
  CHECK(monitor.close() == Outcome::ok);
  // It waits for its channels to be closed, and for nothing else.
  wait_for_receivers(monitor.wiring().wait_zero_readers, 1);
  CHECK(waiting_receivers(monitor.wiring().add_reader) == 0);
  CHECK(monitor.wiring().add_reader.try_send() == Outcome::would_block);
}

TEST_CASE("Q24: readersMonitor still admits readers while a close waits for others") {
  Monitor monitor(3);
  support::Threads threads;
  CHECK(monitor.add() == Outcome::ok);
  threads.run([&] { CHECK(monitor.wiring().wait_zero_readers.send() == Outcome::ok); });
  support::wait_for_senders(monitor.wiring().wait_zero_readers, 1);
  CHECK(monitor.add() == Outcome::ok);
  CHECK(monitor.subtract() == Outcome::ok);
  CHECK(support::waiting_senders(monitor.wiring().wait_zero_readers) == 1);
  CHECK(monitor.subtract() == Outcome::ok);
}

TEST_CASE("A13: readersMonitor ends when its channels close, even if readers are left") {
  for (const std::size_t readers : {std::size_t{0}, std::size_t{1}, std::size_t{2}}) {
    CAPTURE(readers);
    Monitor monitor(2);
    for (std::size_t i = 0; i < readers; ++i) CHECK(monitor.add() == Outcome::ok);
  }  // joins
}

}  // namespace
}  // namespace asyncstream::detail
