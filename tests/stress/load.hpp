// SPDX-License-Identifier: Apache-2.0
//
// A load of producers and consumers on two channels, in which all forms of send, receive and select
// interleave. It records which thread sent which value when, what became of the value, and which
// thread received it. A test can disturb the load while it runs (close, stop requests, signals).
// The records must satisfy these rules in every case:
//
//   - A value whose send was ok is received exactly once; any other value is still its sender's.
//   - What a consumer receives from a channel is, for each producer, in the order of sending.
//   - Nothing overtakes: a value whose send returned before another send began is received first.
//   - Afterwards no operation is registered, and the channels hold what they should.
//
// Each channel has one consumer of its own, which may block in it for ever; all others use both.
#pragma once

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <mutex>
#include <random>
#include <vector>

#include "support/race.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace stress {

using csp::Channel;
using csp::Outcome;
using Random = std::mt19937_64;

struct Shape {
  int producers;
  int consumers;  // at least 2
  std::array<std::size_t, 2> capacities;
  std::size_t values;  // of each producer
};

struct Item {
  int producer;
  std::size_t number;
};
using Value = std::unique_ptr<Item>;

/// One send. If it was ok, it happened between these two tickets.
struct Sent {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool ok = false;
  int received = 0;
};

class Load {
 public:
  explicit Load(const Shape& shape)
      : shape_(shape),
        channels_{Channel<Value>::make("a", shape.capacities[0]),
                  Channel<Value>::make("b", shape.capacities[1])},
        workers_(std::size_t(shape.producers + shape.consumers)),
        sent_(std::size_t(shape.producers), std::vector<Sent>(shape.values)) {}

  /// Runs the whole load; meanwhile this thread calls disturb(load, random) repeatedly.
  template <class F>
  void run(F disturb) {
    Random random = support::generator(99);
    run_beside([&] {
      support::wait_until([&] { return begun_ == workers_.size(); });
      while (producing_ > 0) disturb(*this, random);
    });
  }

  /// Runs the load undisturbed.
  void run() {
    run_beside([] {});
  }

  /// Waits until a random part of the work, or all of it, is done.
  void wait_for_a_moment(Random& random) const {
    const std::uint64_t moment = random() % (2 * sent_.size() * shape_.values);
    support::wait_until([&] { return ticket_ > moment || producing_ == 0; });
  }

  void close() {
    for (const Channel<Value>& channel : channels_) (void)channel.close();
  }
  const std::array<Channel<Value>, 2>& channels() const { return channels_; }

  /// Asks one of the workers to give up its current operation, if that operation has a stop token.
  void request_stop(Random& random) {
    Worker& worker = workers_[random() % workers_.size()];
    const std::lock_guard lock(worker.mutex);
    worker.stop.request_stop();
  }
  pid_t thread_of(Random& random) const { return workers_[random() % workers_.size()].thread; }

 private:
  template <class F>
  void run_beside(F beside) {
    {
      support::Threads producers;
      support::Threads consumers;
      consumers.run_each(shape_.consumers, [this](int me) { consume(me); });
      producers.run_each(shape_.producers, [this](int me) { produce(me); });
      beside();
      producers.join();
      close();
    }
    check();
  }

  struct Receipt {
    std::size_t channel;
    Item item;
  };
  struct Worker {
    std::mutex mutex;  // the test's own: stop is replaced while threads request it
    std::stop_source stop;
    pid_t thread = 0;
    std::vector<Receipt> receipts;
    std::array<bool, 2> closed{};

    std::stop_token fresh_token() {
      const std::lock_guard lock(mutex);
      if (stop.stop_requested()) stop = std::stop_source();
      return stop.get_token();
    }
    void take(std::size_t channel, std::optional<Value> value) {
      value ? receipts.push_back({channel, **value}) : void(closed[channel] = true);
    }
    void take(std::size_t channel, csp::Received<Value> received) {
      if (received.outcome == Outcome::ok) receipts.push_back({channel, **received.value});
      if (received.outcome == Outcome::closed) closed[channel] = true;
    }
  };

  void begin(Worker& worker) {
    worker.thread = gettid();
    begun_.fetch_add(1);
  }

  static std::chrono::nanoseconds instant(Random& random) {
    constexpr std::array<int, 4> kNanoseconds{0, 1, 2'000, 50'000};
    return std::chrono::nanoseconds(kNanoseconds[random() % kNanoseconds.size()]);
  }

  /// Usually does nothing; sometimes yields or sleeps for an instant.
  static void pause(Random& random) {
    switch (random() % 16) {
      case 0:
        return std::this_thread::yield();
      case 1:
        return std::this_thread::sleep_for(std::chrono::microseconds(random() % 50));
      default:
        return support::linger(random, 100);
    }
  }

  void produce(int me) {
    Worker& worker = workers_[std::size_t(me)];
    begin(worker);
    Random random = support::generator(std::uint64_t(me));
    support::seed_this_thread(std::uint64_t(me));
    for (std::size_t number = 0; number < shape_.values; ++number) {
      Value value = std::make_unique<Item>(Item{me, number});
      Sent& sent = sent_[std::size_t(me)][number];
      Outcome outcome = Outcome::would_block;
      while (outcome != Outcome::ok && outcome != Outcome::closed) {
        sent.begin = ticket_.fetch_add(1);
        outcome = send(worker, random, value);
        sent.end = ticket_.fetch_add(1);
        CHECK((outcome == Outcome::ok) == !value);
        pause(random);
      }
      sent.ok = outcome == Outcome::ok;
    }
    producing_.fetch_sub(1);
  }

  Outcome send(Worker& worker, Random& random, Value& value) {
    const std::size_t one = random() % 2;
    const Channel<Value>& to = channels_[one];
    const Channel<Value>& other = channels_[1 - one];
    Outcome outcome = Outcome::would_block;
    const auto done = [&](Outcome how) { outcome = how; };
    const auto take = [&](std::optional<Value> got) { worker.take(1 - one, std::move(got)); };
    switch (random() % 8) {
      case 0:
        return to.send(std::move(value));
      case 1:
        return to.try_send(std::move(value));
      case 2:
        return to.send_for(std::move(value), instant(random));
      case 3:
        return to.send(std::move(value), worker.fresh_token());
      case 4:
        csp::select(on_send(to, std::move(value), done), on_send(other, std::move(value), done));
        break;
      case 5:
        csp::select(on_send(to, std::move(value), done), on_receive(other, take),
                    csp::after(instant(random)));
        break;
      case 6:
        csp::select(on_receive(other, take), on_send(to, std::move(value), done),
                    csp::on_stop(worker.fresh_token()));
        break;
      default:
        csp::select_in_order(on_send(to, std::move(value), done), csp::otherwise());
    }
    return outcome;
  }

  void consume(int me) {
    Worker& worker = workers_[std::size_t(shape_.producers + me)];
    begin(worker);
    Random random = support::generator(std::uint64_t(1000 + me));
    support::seed_this_thread(std::uint64_t(1000 + me));
    if (me < 2) {
      while (!worker.closed[std::size_t(me)]) {
        receive(worker, random, std::size_t(me), random() % 4);
        pause(random);
      }
    } else {
      while (!worker.closed[0] || !worker.closed[1]) {
        receive(worker, random, random() % 2, 2 + random() % 5);
        pause(random);
      }
    }
  }

  void receive(Worker& worker, Random& random, std::size_t one, std::uint64_t form) {
    const Channel<Value>& from = channels_[one];
    const Channel<Value>& other = channels_[1 - one];
    const auto take_from = [&](std::size_t channel) {
      return [&worker, channel](std::optional<Value> got) { worker.take(channel, std::move(got)); };
    };
    switch (form) {
      case 0:
        return worker.take(one, from.receive());
      case 1:
        return worker.take(one, from.receive(worker.fresh_token()));
      case 2:
        return worker.take(one, from.try_receive());
      case 3:
        return worker.take(one, from.receive_for(instant(random)));
      case 4:
        csp::select(on_receive(from, take_from(one)), on_receive(other, take_from(1 - one)));
        break;
      case 5:
        csp::select(on_receive(other, take_from(1 - one)), on_receive(from, take_from(one)),
                    csp::after(instant(random)), csp::on_stop(worker.fresh_token()));
        break;
      default:
        csp::select(on_receive(from, take_from(one)), csp::otherwise());
    }
  }

  void check() {
    std::size_t wrong_order = 0;
    std::size_t overtaken = 0;
    for (const Worker& worker : workers_) {
      // For each producer and channel, the next possible number; for each channel, the begin of the
      // latest send.
      std::vector<std::array<std::size_t, 2>> next(sent_.size());
      std::array<std::uint64_t, 2> latest{};
      for (const auto& [channel, item] : worker.receipts) {
        Sent& sent = sent_[std::size_t(item.producer)][item.number];
        ++sent.received;
        wrong_order += item.number < next[std::size_t(item.producer)][channel];
        next[std::size_t(item.producer)][channel] = item.number + 1;
        overtaken += sent.end < latest[channel];
        latest[channel] = std::max(latest[channel], sent.begin);
      }
    }
    std::size_t miscounted = 0;
    for (const std::vector<Sent>& by_one : sent_) {
      for (const Sent& sent : by_one) miscounted += sent.received != int(sent.ok);
    }
    CHECK(wrong_order == 0);
    CHECK(overtaken == 0);
    CHECK(miscounted == 0);
    for (const Channel<Value>& channel : channels_) {
      CHECK(support::nobody_waits(channel));
      CHECK(support::holds_invariants(channel));
      CHECK(channel.size() == 0);
    }
  }

  const Shape shape_;
  const std::array<Channel<Value>, 2> channels_;
  std::vector<Worker> workers_;
  std::vector<std::vector<Sent>> sent_;  // by producer and number
  std::atomic<std::uint64_t> ticket_{1};
  std::atomic<std::size_t> begun_{0};
  std::atomic<int> producing_{shape_.producers};
};

}  // namespace stress
