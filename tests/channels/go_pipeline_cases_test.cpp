// SPDX-License-Identifier: Apache-2.0
//
// Go's test/chan programs that are small networks of processes, restated: sieve1, sieve2, ken/chan.
// Each case names its program. powser1 and powser2 are in go_powser_cases_test.cpp.
#include <doctest/doctest.h>

#include <array>
#include <csp/csp.hpp>
#include <deque>
#include <memory>
#include <vector>

#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;
using csp::Receiver;
using csp::select;

// All processes of a network that never ends on its own: each works until `quit` is closed.
class Network {
 public:
  Channel<void> quit = Channel<void>::make("quit");

  template <class F>
  void run(F function) {
    threads_.run(std::move(function));
  }
  ~Network() {
    (void)quit.close();
    threads_.join();
  }

 private:
  support::Threads threads_;
};

bool send_or_quit(const Network& network, const Channel<int>& to, int value) {
  return select(on_send(to, int{value}), on_receive(network.quit)) == 0;
}

std::optional<int> receive_or_quit(const Network& network, const Channel<int>& from) {
  std::optional<int> got;
  select(on_receive(from, got), on_receive(network.quit));
  return got;
}

// sieve2: passes on everything, in order, however slow the receiver is. The send case is disabled,
// by a nil channel, while there is nothing to pass on.
Channel<int> unbounded_proxy(Network& network, const Channel<int>& in) {
  const Channel<int> out = Channel<int>::make("proxy");
  network.run([&network, in, out] {
    std::deque<int> held;
    bool ended = false;
    while (!ended) {
      const Channel<int> to = held.empty() ? Channel<int>() : out;
      const int first = held.empty() ? 0 : held.front();
      select(on_receive(in, [&](std::optional<int> got) { got ? held.push_back(*got) : void(); }),
             on_send(to, int{first}, [&](Outcome) { held.pop_front(); }),
             on_receive(network.quit, [&](std::optional<csp::Token>) { ended = true; }));
    }
  });
  return out;
}

const std::vector<int> kPrimes = {2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37, 41,
                                  43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97};

}  // namespace

TEST_SUITE_BEGIN("go_pipeline_cases");

TEST_CASE("Go sieve1: a pipeline of filters that grows by one with each prime (C6, C11)") {
  Network network;
  Channel<int> numbers = Channel<int>::make("numbers");
  network.run([&network, numbers] {
    for (int i = 2; send_or_quit(network, numbers, i); ++i) {
    }
  });
  for (const int expected : kPrimes) {
    const int prime = *numbers.receive();
    CHECK(prime == expected);
    const Channel<int> filtered = Channel<int>::make("filtered");
    network.run([&network, numbers, filtered, prime] {
      while (const std::optional<int> number = receive_or_quit(network, numbers)) {
        if (*number % prime != 0 && !send_or_quit(network, filtered, *number)) return;
      }
    });
    numbers = filtered;
  }
}

TEST_CASE(
    "Go sieve2: composites merged from a growing set, through unbounded proxies (C6, C11, C21)") {
  // Each prime p yields its multiples from p*p on, through a proxy that never delays p. The least
  // of all heads is the next composite; the numbers between two composites are primes.
  struct Stream {
    Channel<int> multiples;
    int head;
  };
  Network network;
  std::vector<Stream> streams;
  std::vector<int> primes;
  for (int candidate = 2; primes.size() < 20; ++candidate) {
    bool composite = false;
    for (Stream& stream : streams) {
      while (stream.head < candidate) stream.head = *stream.multiples.receive();
      composite |= stream.head == candidate;
    }
    if (composite) continue;
    primes.push_back(candidate);
    const Channel<int> raw = Channel<int>::make("multiples");
    network.run([&network, raw, candidate] {
      // A bound is needed, since the proxy accepts every value at once.
      for (int m = candidate * candidate; m < 10000; m += candidate) {
        if (!send_or_quit(network, raw, m)) return;
      }
      send_or_quit(network, raw, 1 << 30);
    });
    const Channel<int> proxied = unbounded_proxy(network, raw);
    streams.push_back({proxied, *proxied.receive()});
  }
  CHECK(primes == std::vector<int>(kPrimes.begin(), kPrimes.begin() + 20));
}

TEST_CASE("Go ken/chan: selects over changing sets of channels, sequences checked (C6, C8, C25)") {
  // `count` senders send 0, 1, 2, ... on their own channels (with a select over those still
  // working), and as many receivers select over all channels. Each channel's values must arrive in
  // order.
  constexpr std::size_t kChannels = 4;
  const int values = int(support::scaled(2000));
  for (const std::size_t capacity : {0, 1, 10}) {
    CAPTURE(capacity);
    std::array<Channel<int>, kChannels> channels;
    for (Channel<int>& c : channels) c = Channel<int>::make("c", capacity);
    std::array<std::vector<int>, kChannels> received;
    support::Threads threads;
    // One sender selects over two channels; the two others use plain sends.
    threads.run([&] {
      Channel<int> to_0 = channels[0];
      Channel<int> to_1 = channels[1];
      int next_0 = 0;
      int next_1 = 0;
      while (to_0 || to_1) {
        select(on_send(to_0, int{next_0},
                       [&](Outcome) {
                         if (++next_0 == values) to_0 = {};
                       }),
               on_send(to_1, int{next_1}, [&](Outcome) {
                 if (++next_1 == values) to_1 = {};
               }));
      }
      CHECK(channels[0].close() == Outcome::ok);
      CHECK(channels[1].close() == Outcome::ok);
    });
    for (const std::size_t mine : {2, 3}) {
      threads.run([&, mine] {
        for (int i = 0; i < values; ++i) CHECK(channels[mine].send(int{i}) == Outcome::ok);
        CHECK(channels[mine].close() == Outcome::ok);
      });
    }
    std::array<Channel<int>, kChannels> open = channels;
    const auto take = [&](std::size_t i) {
      return on_receive(open[i], [&, i](std::optional<int> got) {
        if (got) {
          received[i].push_back(*got);
        } else {
          open[i] = {};
        }
      });
    };
    while (open[0] || open[1] || open[2] || open[3]) select(take(0), take(1), take(2), take(3));
    for (const std::vector<int>& sequence : received) {
      CHECK(int(sequence.size()) == values);
      int wrong = 0;
      for (std::size_t i = 0; i < sequence.size(); ++i) wrong += sequence[i] != int(i);
      CHECK(wrong == 0);
    }
  }
}

TEST_SUITE_END();
