// SPDX-License-Identifier: Apache-2.0
//
// Workloads of channels alone, between threads: w1 to w5, each with channels of csp and, as
// wN-mutex, with channels made of a mutex and condition variables; and one channel shared by many
// processes.
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "bench/mutex_channel.hpp"
#include "bench/workload.hpp"
#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "csp/select.hpp"
#include "csp/waiting.hpp"

namespace asyncstream::tools::bench {
namespace {

// A kind makes channels, and drains one or two of them: it passes each value to `handle` until they
// are closed.

struct Plain {
  template <class T>
  using Channel = csp::Channel<T>;

  template <class T>
  static Channel<T> make(std::size_t capacity) {
    return Channel<T>::make("numbers", capacity);
  }
  template <class T, class U>
  static std::pair<Channel<T>, Channel<U>> make_both() {
    return {make<T>(0), make<U>(0)};
  }
  template <class T>
  static void send(const Channel<T>& channel, T value) {
    must(channel.send(std::move(value)) == csp::Outcome::ok, "a send was refused");
  }
  template <class T>
  static void close(const Channel<T>& channel) {
    must(channel.close() == csp::Outcome::ok, "a channel was closed already");
  }
  template <class T, class F>
  static void drain(const Channel<T>& channel, F handle) {
    for (T& value : channel) handle(std::move(value));
  }
  template <class T, class U, class F>
  static void drain_both(csp::Receiver<T> first, csp::Receiver<U> second, F handle) {
    while (first || second) {
      csp::select(csp::on_receive(first,
                                  [&](std::optional<T> value) {
                                    value ? handle(std::move(*value)) : void(first = {});
                                  }),
                  csp::on_receive(second, [&](std::optional<U> value) {
                    value ? handle(std::move(*value)) : void(second = {});
                  }));
    }
  }
};

struct Mutex {
  template <class T>
  using Channel = MutexChannel<T>;

  template <class T>
  static Channel<T> make(std::size_t capacity) {
    return Channel<T>(capacity);
  }
  template <class T, class U>
  static std::pair<Channel<T>, Channel<U>> make_both() {
    const auto monitor = std::make_shared<Monitor>();
    return {Channel<T>(0, monitor), Channel<U>(0, monitor)};
  }
  template <class T>
  static void send(const Channel<T>& channel, T value) {
    channel.send(std::move(value));
  }
  template <class T>
  static void close(const Channel<T>& channel) {
    channel.close();
  }
  template <class T, class F>
  static void drain(const Channel<T>& channel, F handle) {
    while (std::optional<T> value = channel.receive()) handle(std::move(*value));
  }
  template <class T, class U, class F>
  static void drain_both(const Channel<T>& first, const Channel<U>& second, F handle) {
    bench::drain_both(first, second, handle);
  }
};

using Number = std::int64_t;

/// w1, w3, w4: producers, the workers, send numbers to as many consumers.
template <class Kind>
class OneWay : public Workload {
 public:
  OneWay(std::size_t capacity, std::size_t producers)
      : channel_(Kind::template make<Number>(capacity)), received_(producers), sent_(producers) {
    for (Counter& count : received_) {
      consumers_.emplace_back("consumer", [this, &count] {
        Kind::drain(channel_, [&](Number value) {
          ++count.ops;
          count.bytes += value;
        });
      });
    }
  }
  std::size_t workers() const override { return sent_.size(); }
  void work(Counter& counter) override {
    do Kind::send(channel_, Number{counter.ops});
    while (counter.more(0));
    sent_[counter.number] = counter.ops;
  }
  void finish(Findings&) override {
    Kind::close(channel_);
    for (csp::Process& consumer : consumers_) consumer.join();
    Number left = 0, left_sum = 0;
    for (const Number count : sent_) left += count, left_sum += count * (count - 1) / 2;
    for (const Counter& count : received_) left -= count.ops, left_sum -= count.bytes;
    must(left == 0 && left_sum == 0, "values were lost");
  }

 private:
  typename Kind::template Channel<Number> channel_;
  std::vector<Counter> received_;  // ops: how many; bytes: their sum
  std::vector<Number> sent_;
  std::vector<csp::Process> consumers_;
};

/// w2: a number is sent, and sent back.
template <class Kind>
class RoundTrip : public Workload {
 public:
  void work(Counter& counter) override {
    do {
      Kind::send(there_, Number{counter.ops});
      must(back_.receive() == counter.ops, "an answer is wrong");
    } while (counter.more(0));
  }
  void finish(Findings&) override {
    Kind::close(there_);
    echo_.join();
  }

 private:
  typename Kind::template Channel<Number> there_ = Kind::template make<Number>(0);
  typename Kind::template Channel<Number> back_ = Kind::template make<Number>(0);
  csp::Process echo_{
      "echo", [this] { Kind::drain(there_, [&](Number value) { Kind::send(back_, value); }); }};
};

/// w5: one process selects over two channels, with a producer each. The producers are the workers.
template <class Kind>
class SelectTwo : public Workload {
 public:
  std::size_t workers() const override { return 2; }
  void work(Counter& counter) override {
    const auto& channel = counter.number == 0 ? channels_.first : channels_.second;
    do Kind::send(channel, Number{counter.ops});
    while (counter.more(0));
    sent_[counter.number] = counter.ops;
  }
  void finish(Findings&) override {
    Kind::close(channels_.first);
    Kind::close(channels_.second);
    selecting_.join();
    must(sent_[0] + sent_[1] == received_, "values were lost");
  }

 private:
  decltype(Kind::template make_both<Number, Number>()) channels_ =
      Kind::template make_both<Number, Number>();
  std::array<Number, 2> sent_{};
  alignas(128) Number received_ = 0;
  alignas(128) csp::Process selecting_{"selecting", [this] {
                                         Kind::template drain_both<Number, Number>(
                                             channels_.first, channels_.second,
                                             [this](Number) { ++received_; });
                                       }};
};

/// shared, apart: PROCESSES processes select, each over a channel and a silent one. A message goes
/// to one of them, and its answer returns before the next is sent. In `shared` all processes use
/// one channel, which serves them in the order in which they returned to it. In `apart` each
/// process has its own channel, and the messages go to them in the same order.
template <bool kApart>
class Selecting : public Workload {
 public:
  explicit Selecting(std::size_t processes) {
    for (std::size_t i = 0; i < processes; ++i) {
      if (kApart || i == 0) channels_.push_back(Plain::make<Number>(0));
      selecting_.emplace_back("selecting", [this, channel = channels_.back()] {
        Plain::drain_both<Number, Number>(channel, silent_,
                                          [this](Number value) { Plain::send(answers_, value); });
      });
    }
    must(csp::wait_until_idle(std::chrono::steady_clock::now() + std::chrono::seconds(60)),
         "processes that are sent nothing do not rest");
  }
  void work(Counter& counter) override {
    do {
      Plain::send(channels_[static_cast<std::size_t>(counter.ops) % channels_.size()], counter.ops);
      must(answers_.receive() == counter.ops, "an answer is wrong");
    } while (counter.more(0));
  }
  void finish(Findings&) override {
    for (const csp::Channel<Number>& channel : channels_) Plain::close(channel);
    Plain::close(silent_);
    for (csp::Process& process : selecting_) process.join();
  }

 private:
  std::vector<csp::Channel<Number>> channels_;
  csp::Channel<Number> silent_ = Plain::make<Number>(0);
  csp::Channel<Number> answers_ = Plain::make<Number>(1);
  std::vector<csp::Process> selecting_;
};

using Made = std::unique_ptr<Workload>;

template <class W, std::size_t... kArguments>
Made made(Numbers) {
  return std::make_unique<W>(kArguments...);
}

constexpr Family kFamilies[] = {
    {"w1", 0, made<OneWay<Plain>, 0, 1>},
    {"w2", 0, made<RoundTrip<Plain>>},
    {"w3", 0, made<OneWay<Plain>, 128, 1>},
    {"w4", 0, made<OneWay<Plain>, 128, 2>},
    {"w5", 0, made<SelectTwo<Plain>>},
    {"shared", 1, [](Numbers n) -> Made { return std::make_unique<Selecting<false>>(n[0]); }},
    {"apart", 1, [](Numbers n) -> Made { return std::make_unique<Selecting<true>>(n[0]); }},
    {"w1-mutex", 0, made<OneWay<Mutex>, 0, 1>},
    {"w2-mutex", 0, made<RoundTrip<Mutex>>},
    {"w3-mutex", 0, made<OneWay<Mutex>, 128, 1>},
    {"w4-mutex", 0, made<OneWay<Mutex>, 128, 2>},
    {"w5-mutex", 0, made<SelectTwo<Mutex>>},
};

}  // namespace

std::span<const Family> channel_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
