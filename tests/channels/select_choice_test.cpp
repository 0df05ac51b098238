// SPDX-License-Identifier: Apache-2.0
//
// Which of several ready cases happens: C30 (uniform choice, or strictly the first for
// select_in_order) and C31 (no thread starves). Uniformity is a chi-square test at p > 1e-6 over
// several layouts: the ready cases first, last, apart or adjacent, with idle, nil and duplicate
// cases between them. The seed is fixed, so a failure is a bias and not chance.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/csp.hpp>
#include <string>
#include <vector>

#include "support/chi_square.hpp"
#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;
using csp::Outcome;
using csp::select;
using support::is_uniform;
using namespace std::chrono_literals;

// One letter for each case: 'r'eady to receive, 's' ready to send, 'c'losed, 'i'dle, 'n'il,
// 'd'isabled. All six positions are always cases of the select; the letters say what each is.
class Layout {
  auto receive(std::size_t i) {
    return csp::when(letters_[i] != 's' && letters_[i] != 'd', on_receive(channels_[i]));
  }
  auto send(std::size_t i) { return csp::when(letters_[i] == 's', on_send(channels_[i], 1)); }

 public:
  explicit Layout(const std::string& letters) : letters_(letters) {
    for (std::size_t i = 0; i < kCases; ++i) {
      if (letters[i] == 'n') continue;
      channels_[i] = Channel<int>::make("layout", 1);
      if (letters[i] == 'r' || letters[i] == 'd') (void)channels_[i].send(1);
      if (letters[i] == 'c') (void)channels_[i].close();
    }
  }

  static constexpr std::size_t kCases = 6;

  // Each position has cases for both directions; the letter enables one of them.
  std::size_t choose() {
    const std::size_t happened =
        select(receive(0), receive(1), receive(2), receive(3), receive(4), receive(5), send(0),
               send(1), send(2), send(3), send(4), send(5)) %
        kCases;
    if (letters_[happened] == 'r') (void)channels_[happened].send(1);
    if (letters_[happened] == 's') channels_[happened].receive();
    return happened;
  }

  std::vector<std::size_t> ready_positions() const {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < kCases; ++i) {
      if (letters_[i] == 'r' || letters_[i] == 's' || letters_[i] == 'c') ready.push_back(i);
    }
    return ready;
  }

 private:
  const std::string letters_;
  std::array<Channel<int>, kCases> channels_;
};

}  // namespace

TEST_SUITE_BEGIN("select_choice");

TEST_CASE("C30: a time that is due and a requested stop are chosen like any ready case") {
  const Channel<int> ready = Channel<int>::make("ready", 1);
  CHECK(ready.send(1) == Outcome::ok);
  const Channel<int> idle = Channel<int>::make("idle");
  std::stop_source stop;
  stop.request_stop();
  const auto past = csp::Clock::now() - 1h;
  std::vector<std::size_t> counts(4);
  std::vector<std::size_t> with_otherwise(3);
  for (int i = 0; i < 40000; ++i) {
    const std::size_t happened =
        select(csp::until(past), on_receive(ready), on_receive(idle),
               csp::on_stop(stop.get_token()), csp::after(0s), csp::after(1h));
    if (happened == 1) CHECK(ready.send(1) == Outcome::ok);
    ++counts[std::array{0, 1, 4, 2, 3, 4}[happened]];
    const std::size_t other = select(csp::otherwise(), csp::until(past), on_receive(ready),
                                     csp::on_stop(stop.get_token()));
    if (other == 2) CHECK(ready.send(1) == Outcome::ok);
    ++with_otherwise[other - 1];
  }
  CHECK(is_uniform(counts));
  CHECK(is_uniform(with_otherwise));
  CHECK(csp::select_in_order(csp::until(past), on_receive(ready)) == 0);
  CHECK(csp::select_in_order(on_receive(ready), csp::on_stop(stop.get_token())) == 0);
}

TEST_CASE("C30: the choice is uniform, whatever the positions and the cases between") {
  for (const char* const letters :
       {"rriiii", "iiiirr", "riiiir", "rniiir", "rrinnr", "riiirr", "srrsrs", "nnsnns", "idrdis",
        "cciicr", "rcscrs", "rnnnnr", "rrrrrr", "ssssss"}) {
    Layout layout(letters);
    std::vector<std::size_t> by_position(Layout::kCases);
    const std::size_t rounds = support::scaled(100000);
    for (std::size_t i = 0; i < rounds; ++i) ++by_position[layout.choose()];
    std::vector<std::size_t> counts;
    for (const std::size_t position : layout.ready_positions()) {
      counts.push_back(by_position[position]);
      // C31: with k cases always ready each is chosen at least n / 2k times.
      CHECK_MESSAGE(by_position[position] * 2 * layout.ready_positions().size() >= rounds, letters);
    }
    CHECK_MESSAGE(support::is_uniform(counts), letters);
  }
}

TEST_CASE(
    "C27, C30: the choice is uniform among a parked select's cases that one peer makes ready") {
  const int rounds = int(support::scaled(2000));
  const Channel<int> c = Channel<int>::make("c");
  std::vector<std::size_t> receives(3);
  std::vector<std::size_t> sends(3);
  int out_of_order = 0;
  support::Threads threads;
  threads.run([&] {
    support::seed_this_thread(1);
    for (int i = 0; i < rounds; ++i) {
      ++receives[select(on_receive(c), on_receive(c), on_receive(c))];
      ++sends[select(on_send(c, 1), on_send(c, 1), on_send(c, 1))];
      out_of_order += csp::select_in_order(on_receive(c), on_receive(c)) != 0;
    }
  });
  for (int i = 0; i < rounds; ++i) {
    support::wait_for_receivers(c, 3);
    CHECK(c.try_send(1) == Outcome::ok);
    support::wait_for_senders(c, 3);
    CHECK(c.try_receive().outcome == Outcome::ok);
    support::wait_for_receivers(c, 2);
    CHECK(c.try_send(1) == Outcome::ok);
  }
  threads.join();
  CHECK(support::is_uniform(receives));
  CHECK(support::is_uniform(sends));
  CHECK(out_of_order == 0);
}

TEST_CASE("C27, C30: the choice is uniform among cases that close makes ready, both directions") {
  const int rounds = int(support::scaled(1000));
  const Channel<Channel<int>> channels = Channel<Channel<int>>::make("channels");
  std::vector<std::size_t> hits(3);
  int out_of_order = 0;
  support::Threads threads;
  threads.run([&] {
    support::seed_this_thread(1);
    for (int i = 0; i < rounds; ++i) {
      const Channel<int> c = *channels.receive();
      ++hits[select(on_receive(c), on_send(c, 1), on_receive(c))];
      const Channel<int> d = *channels.receive();
      out_of_order += csp::select_in_order(on_receive(d), on_send(d, 1)) != 0;
      const Channel<int> e = *channels.receive();
      out_of_order += csp::select_in_order(on_send(e, 1), on_receive(e)) != 0;
    }
  });
  for (int i = 0; i < 3 * rounds; ++i) {
    const Channel<int> c = Channel<int>::make("c");
    CHECK(channels.send(c) == Outcome::ok);
    support::wait_for_senders(c, 1);
    CHECK(c.close() == Outcome::ok);
  }
  threads.join();
  CHECK(support::is_uniform(hits));
  CHECK(out_of_order == 0);
}

TEST_CASE("C30: the uniformity check detects a cyclic scan from a random start") {
  // Of six positions 0, 1 and 5 are ready: a cyclic scan takes 5 four times as often as 0 or 1.
  std::vector<std::size_t> counts(3);
  for (std::size_t i = 0; i < 1200; ++i) {
    const std::size_t start = i % 6;
    ++counts[start == 0 ? 0 : start == 1 ? 1 : 2];
  }
  CHECK_FALSE(support::is_uniform(counts));
  CHECK(support::is_uniform({400, 410, 395}));
  CHECK(support::is_uniform({49800, 50200}));
  CHECK_FALSE(support::is_uniform({49000, 51000}));
}

TEST_CASE("C30: select_in_order always takes the first ready case") {
  const Channel<int> idle = Channel<int>::make("idle");
  const Channel<int> a = Channel<int>::make("a", 100);
  const Channel<int> b = Channel<int>::make("b", 100);
  for (int i = 0; i < 100; ++i) {
    CHECK(a.send(int{i}) == Outcome::ok);
    CHECK(b.send(int{i}) == Outcome::ok);
  }
  for (int i = 0; i < 100; ++i) {
    CHECK(csp::select_in_order(on_receive(idle), on_receive(a), on_receive(b)) == 1);
  }
  for (int i = 0; i < 50; ++i) {
    CHECK(csp::select_in_order(on_receive(idle), on_receive(a), on_receive(b), csp::after(1h)) ==
          2);
    CHECK(csp::select_in_order(on_receive(a), on_receive(b), csp::otherwise()) == 1);
  }
  CHECK(csp::select_in_order(on_receive(a), on_receive(b), csp::otherwise()) == 2);
}

TEST_CASE("C30: the same seed gives the same choices") {
  const auto choices = [] {
    csp::seed_select(42);
    const Channel<int> c = Channel<int>::make("c", 64);
    std::vector<std::size_t> chosen;
    for (int i = 0; i < 64; ++i) {
      chosen.push_back(select(on_send(c, 1), on_send(c, 2), on_send(c, 3)));
    }
    return chosen;
  };
  CHECK(choices() == choices());
}

TEST_CASE("C30: threads without a seed draw different sequences") {
  std::array<std::vector<std::size_t>, 2> chosen;
  support::Threads threads;
  threads.run_each(2, [&](int me) {
    const Channel<int> c = Channel<int>::make("c", 64);
    for (int i = 0; i < 64; ++i) {
      chosen[std::size_t(me)].push_back(select(on_send(c, 1), on_send(c, 2)));
    }
  });
  threads.join();
  CHECK(chosen[0] != chosen[1]);
}

TEST_CASE("C31: in a mix of plain operations and selects every thread makes progress") {
  constexpr int kEach = 4;
  const Channel<int> a = Channel<int>::make("a");
  const Channel<int> b = Channel<int>::make("b", 2);
  const int rounds = int(support::scaled(500));
  support::Threads threads;
  // Each sender sends `rounds` values, half by select and half by plain sends. A sender that
  // starved would never end, and the watchdog would report it.
  threads.run_each(kEach, [&](int me) {
    for (int i = 0; i < rounds; ++i) {
      if (me % 2 == 0) {
        select(on_send(a, 1), on_send(b, 1));
      } else {
        CHECK((me == 1 ? a : b).send(1) == Outcome::ok);
      }
    }
  });
  support::Threads receivers;
  std::array<int, kEach> got{};
  receivers.run_each(kEach, [&](int me) {
    std::size_t closed = 0;
    const auto count = [&](std::optional<int> value) { value ? ++got[std::size_t(me)] : ++closed; };
    Channel<int> from_a = a;
    Channel<int> from_b = b;
    while (closed < 2) {
      select(on_receive(from_a,
                        [&](std::optional<int> value) {
                          count(value);
                          if (!value) from_a = {};
                        }),
             on_receive(from_b, [&](std::optional<int> value) {
               count(value);
               if (!value) from_b = {};
             }));
    }
  });
  threads.join();
  CHECK(a.close() == Outcome::ok);
  CHECK(b.close() == Outcome::ok);
  receivers.join();
  CHECK(got[0] + got[1] + got[2] + got[3] == kEach * rounds);
}

TEST_SUITE_END();
