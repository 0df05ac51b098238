// SPDX-License-Identifier: Apache-2.0
//
// Go's test/chan/powser1 and powser2: arithmetic on power series, whose coefficients are computed
// on demand by processes (Doug McIlroy's "Squinting at power series"). Each series is a pair of
// channels: one coefficient answers each demand. An operation is a process; `split` shares one
// series between two users by a select. The results are known numbers, so one value that is lost,
// doubled or out of order anywhere in the network shows.
//
// Coefficients are exact fractions. A network does not end on its own: every send and receive in it
// also waits for `quit`.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <deque>
#include <numeric>
#include <vector>

#include "support/threads.hpp"

namespace {

using csp::Channel;
using csp::on_receive;
using csp::on_send;

struct Fraction {
  long n = 0;
  long d = 1;
  friend bool operator==(const Fraction&, const Fraction&) = default;
};

Fraction reduced(long n, long d) {
  const long g = std::gcd(n, d);
  return {n / g * (d < 0 ? -1 : 1), d / g * (d < 0 ? -1 : 1)};
}
Fraction operator+(Fraction a, Fraction b) { return reduced(a.n * b.d + b.n * a.d, a.d * b.d); }
Fraction operator*(Fraction a, Fraction b) { return reduced(a.n * b.n, a.d * b.d); }

struct Ended {};  // thrown by a process when its network is told to quit

class Network {
 public:
  struct Series {
    Channel<void> demand = Channel<void>::make("demand");
    Channel<Fraction> answer = Channel<Fraction>::make("answer");
  };

  ~Network() {
    (void)quit_.close();
    threads_.join();
  }

  Fraction get(const Series& from) const {
    if (csp::select(on_send(from.demand), on_receive(quit_)) != 0) throw Ended();
    std::optional<Fraction> got;
    if (csp::select(on_receive(from.answer, got), on_receive(quit_)) != 0) throw Ended();
    return *got;
  }

  /// A series whose coefficients come from next(), one for each demand.
  template <class Next>
  Series generate(Next next) {
    const Series out;
    run([this, out, next]() mutable {
      while (true) {
        if (csp::select(on_receive(out.demand), on_receive(quit_)) != 0) throw Ended();
        const Fraction value = next();
        if (csp::select(on_send(out.answer, Fraction(value)), on_receive(quit_)) != 0)
          throw Ended();
      }
    });
    return out;
  }

  Series constant_ones() {
    return generate([] { return Fraction{1, 1}; });
  }
  Series add(const Series& u, const Series& v) {
    return generate([this, u, v] {
      const Fraction first = get(u);
      return first + get(v);
    });
  }
  Series scale(Fraction factor, const Series& u) {
    return generate([this, factor, u] { return factor * get(u); });
  }
  Series integrate(Fraction constant, const Series& u) {
    return generate([this, constant, u, n = 0L]() mutable {
      const long k = n++;
      return k == 0 ? constant : Fraction{1, k} * get(u);
    });
  }
  Series differentiate(const Series& u) {
    return generate([this, u, n = 0L]() mutable {
      if (n == 0) get(u);
      return Fraction{++n, 1} * get(u);
    });
  }
  // The k-th coefficient of a product needs k + 1 of each factor.
  Series multiply(const Series& u, const Series& v) {
    return generate(
        [this, u, v, us = std::vector<Fraction>(), vs = std::vector<Fraction>()]() mutable {
          us.push_back(get(u));
          vs.push_back(get(v));
          Fraction sum;
          for (std::size_t i = 0; i < us.size(); ++i) sum = sum + us[i] * vs[us.size() - 1 - i];
          return sum;
        });
  }

  /// Two series equal to u. The one that is ahead asks u, and the values wait for the other.
  std::pair<Series, Series> split(const Series& u) {
    const Series a;
    const Series b;
    run([this, u, a, b] {
      std::deque<Fraction> for_a;
      std::deque<Fraction> for_b;
      const auto serve = [&](const Series& who, std::deque<Fraction>& mine,
                             std::deque<Fraction>& others) {
        if (mine.empty()) {
          mine.push_back(get(u));
          others.push_back(mine.back());
        }
        if (csp::select(on_send(who.answer, Fraction(mine.front())), on_receive(quit_)) != 0) {
          throw Ended();
        }
        mine.pop_front();
      };
      csp::serve(on_receive(a.demand, [&](std::optional<csp::Token>) { serve(a, for_a, for_b); }),
                 on_receive(b.demand, [&](std::optional<csp::Token>) { serve(b, for_b, for_a); }),
                 on_receive(quit_, [](std::optional<csp::Token>) { return csp::stop; }));
    });
    return {a, b};
  }

  std::vector<Fraction> first(std::size_t count, const Series& u) const {
    std::vector<Fraction> values;
    while (values.size() < count) values.push_back(get(u));
    return values;
  }

 private:
  template <class F>
  void run(F function) {
    threads_.run([function = std::move(function)]() mutable {
      try {
        function();
      } catch (const Ended&) {
      }
    });
  }

  const Channel<void> quit_ = Channel<void>::make("quit");
  support::Threads threads_;
};

}  // namespace

TEST_SUITE_BEGIN("go_powser_cases");

TEST_CASE("Go powser1: sums, multiples, derivatives and integrals of series (C11, C55)") {
  Network n;
  const std::vector<Fraction> ones(10, Fraction{1, 1});
  const std::vector<Fraction> twos(10, Fraction{2, 1});
  CHECK(n.first(10, n.constant_ones()) == ones);
  CHECK(n.first(10, n.add(n.constant_ones(), n.constant_ones())) == twos);
  CHECK(n.first(10, n.scale({2, 1}, n.constant_ones())) == twos);
  const std::vector<Fraction> counted = n.first(10, n.differentiate(n.constant_ones()));
  for (long i = 0; i < 10; ++i) CHECK(counted[std::size_t(i)] == Fraction{i + 1, 1});
  const std::vector<Fraction> log = n.first(10, n.integrate({0, 1}, n.constant_ones()));
  for (long i = 1; i < 10; ++i) CHECK(log[std::size_t(i)] == Fraction{1, i});
}

TEST_CASE("Go powser1: a product of split series (C11, C25)") {
  Network n;
  // (1 / (1 - x))^2 = sum of (k + 1) x^k, and to the fourth: (k+1)(k+2)(k+3)/6.
  const auto [a, b] = n.split(n.constant_ones());
  const auto [c, d] = n.split(n.multiply(a, b));
  const std::vector<Fraction> fourth = n.first(15, n.multiply(c, d));
  for (long k = 0; k < 15; ++k) {
    CHECK(fourth[std::size_t(k)] == Fraction{(k + 1) * (k + 2) * (k + 3) / 6, 1});
  }
}

TEST_CASE("Go powser2: the exponential, then its derivative against itself (C11, C25)") {
  Network n;
  const Network::Series exponential = n.generate([factorial = 1L, k = 0L]() mutable {
    if (k > 0) factorial *= k;
    ++k;
    return Fraction{1, factorial};
  });
  // exp = its own derivative = its own integral with constant 1.
  const auto [once, rest] = n.split(exponential);
  const auto [derived, integrated] = n.split(rest);
  const Network::Series derivative = n.differentiate(derived);
  const Network::Series integral = n.integrate({1, 1}, integrated);
  for (int i = 0; i < 12; ++i) {
    const Fraction expected = n.get(once);
    CHECK(n.get(derivative) == expected);
    CHECK(n.get(integral) == expected);
  }
}

TEST_CASE("Go powser1: a wide network, a split of splits that is summed up again (C11)") {
  Network n;
  std::vector<Network::Series> level = {n.constant_ones()};
  for (int depth = 0; depth < 4; ++depth) {
    std::vector<Network::Series> next;
    for (const Network::Series& series : level) {
      const auto [left, right] = n.split(series);
      next.push_back(left);
      next.push_back(right);
    }
    level = next;
  }
  while (level.size() > 1) {
    const Network::Series last = level.back();
    level.pop_back();
    level.front() = n.add(level.front(), last);
  }
  CHECK(n.first(20, level.front()) == std::vector<Fraction>(20, Fraction{16, 1}));
}

TEST_SUITE_END();
