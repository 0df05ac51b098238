// SPDX-License-Identifier: Apache-2.0
//
// S26: an asynchronous log made of channels alone. Users ask the libraries of such logs for the
// same things again and again: exact counts of dropped lines, a flush that covers the lines before
// it and does not wait for later ones, no loss at shutdown, a consumer that logs too. All of these
// follow from the channel's promises.
#include <doctest/doctest.h>

#include <atomic>
#include <csp/csp.hpp>
#include <vector>

#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

using csp::Channel;
using csp::Outcome;

enum class Overflow { block, drop_newest, drop_oldest };

class Log {
 public:
  struct Record {
    int producer;
    int number;
    Channel<void> flushed = {};  // if not nil, this is no line but a request for an answer
  };

  Log(std::size_t capacity, Overflow overflow)
      : queue_(Channel<Record>::make("log", capacity)), overflow_(overflow) {}

  void write(Record record) {
    ++written_;
    if (overflow_ == Overflow::block) {
      CHECK(queue_.send(std::move(record)) == Outcome::ok);
      return;
    }
    while (queue_.try_send(std::move(record)) == Outcome::would_block) {
      if (overflow_ == Overflow::drop_newest) return drop(record);
      if (csp::Received<Record> oldest = queue_.try_receive()) drop(*oldest.value);
    }
  }

  /// Returns when all lines written before have been consumed or dropped.
  void flush() {
    const Channel<void> flushed = Channel<void>::make("flushed", 1);
    CHECK(queue_.send(Record{-1, -1, flushed}) == Outcome::ok);
    flushed.receive();
  }

  void close() { CHECK(queue_.close() == Outcome::ok); }

  /// Until closed and drained.
  template <class F>
  void consume(F line) {
    for (Record& record : queue_) {
      record.flushed ? void(record.flushed.send()) : line(record);
    }
  }

  int written() const { return written_; }
  int dropped() const { return dropped_; }

 private:
  void drop(Record& record) {
    if (record.flushed) return void(record.flushed.send());
    ++dropped_;
  }

  const Channel<Record> queue_;
  const Overflow overflow_;
  std::atomic<int> written_{0};
  std::atomic<int> dropped_{0};
};

std::vector<int> numbers_left(Overflow overflow, int written) {
  Log log(4, overflow);
  for (int i = 0; i < written; ++i) log.write({0, i});
  log.close();
  std::vector<int> numbers;
  log.consume([&](const Log::Record& record) { numbers.push_back(record.number); });
  CHECK(log.dropped() == written - int(numbers.size()));
  return numbers;
}

}  // namespace

TEST_SUITE_BEGIN("log cases");

TEST_CASE("S26: a full log keeps the first or the last lines, and counts the others exactly (C1)") {
  CHECK(numbers_left(Overflow::drop_newest, 10) == std::vector{0, 1, 2, 3});
  CHECK(numbers_left(Overflow::drop_oldest, 10) == std::vector{6, 7, 8, 9});
  CHECK(numbers_left(Overflow::drop_newest, 4) == std::vector{0, 1, 2, 3});
}

TEST_CASE(
    "S26: each line is consumed or counted as dropped, from many threads, to the end (C8 C15)") {
  for (const Overflow overflow : {Overflow::block, Overflow::drop_newest, Overflow::drop_oldest}) {
    constexpr int kProducers = 4;
    const int lines = int(support::scaled(2000));
    Log log(8, overflow);
    std::vector<int> next(kProducers, 0);
    int consumed = 0;
    int out_of_order = 0;
    support::Threads consumer;
    consumer.run([&] {
      log.consume([&](const Log::Record& record) {
        int& expected = next[std::size_t(record.producer)];
        out_of_order += record.number < expected;
        expected = record.number + 1;
        ++consumed;
      });
    });
    support::Threads producers;
    producers.run_each(kProducers, [&](int me) {
      for (int i = 0; i < lines; ++i) log.write({me, i});
    });
    producers.join();
    log.close();
    consumer.join();
    CHECK(out_of_order == 0);
    CHECK(log.written() == kProducers * lines);
    CHECK(consumed + log.dropped() == log.written());
    if (overflow == Overflow::block) CHECK(log.dropped() == 0);
  }
}

TEST_CASE(
    "S26: a flush covers what came before, and does not wait for a writer that continues (C6)") {
  Log log(4, Overflow::block);
  std::atomic<int> consumed_of_mine{0};
  std::atomic<bool> enough{false};
  support::Threads consumer;
  consumer.run([&] {
    log.consume([&](const Log::Record& record) { consumed_of_mine += record.producer == 0; });
  });
  support::Threads chatterer;
  chatterer.run([&] {
    for (int i = 0; !enough; ++i) log.write({1, i});
  });
  for (int i = 1; i <= int(support::scaled(500)); ++i) {
    log.write({0, i});
    log.flush();
    CHECK(consumed_of_mine == i);
  }
  enough = true;
  chatterer.join();
  log.close();
}

TEST_CASE("S26: a consumer may log too, into a full queue, if it does not wait (C10)") {
  Log log(2, Overflow::drop_newest);
  const int lines = int(support::scaled(2000));
  int consumed = 0;
  support::Threads consumer;
  consumer.run([&] {
    log.consume([&](const Log::Record& record) {
      ++consumed;
      if (record.producer == 0 && record.number % 10 == 0) log.write({1, record.number});
    });
  });
  for (int i = 0; i < lines; ++i) log.write({0, i});
  log.flush();  // then the consumer has no further lines
  log.close();
  consumer.join();
  CHECK(consumed + log.dropped() == log.written());
}

TEST_SUITE_END();
