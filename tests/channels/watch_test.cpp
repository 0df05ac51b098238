// SPDX-License-Identifier: Apache-2.0
//
// csp::Watch holds the latest value. A reader sees it whole or not at all, never sees an older
// value than before, and sees everything that was done before the value was posted. The explorer
// runs whole streams that depend on it (tests/explore).
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <csp/channel.hpp>
#include <csp/watch.hpp>
#include <cstdint>
#include <optional>

#include "support/scale.hpp"
#include "support/threads.hpp"

namespace {

struct Odd {
  std::uint64_t number;
  std::array<std::uint16_t, 5> echoes;  // a size that is no multiple of a word
  bool operator==(const Odd&) const = default;
};

Odd odd(std::uint64_t n) {
  const auto low = static_cast<std::uint16_t>(n);
  return {n, {low, low, low, low, low}};
}

TEST_CASE("watch: a reader gets the first value, then the one posted last") {
  csp::Watch<Odd> watch(odd(1));
  CHECK(watch.latest() == odd(1));
  for (std::uint64_t n = 2; n < 5; ++n) {
    watch.post(odd(n));
    CHECK(watch.latest() == odd(n));
    CHECK(watch.latest() == odd(n));
  }
  csp::Watch<bool> flag(false);
  CHECK(flag.latest() == false);
  flag.post(true);
  CHECK(flag.latest() == true);
}

TEST_CASE("watch: concurrent readers see whole values, in order, and all that came before") {
  const std::uint64_t posts = support::scaled(200'000);
  csp::Watch<Odd> watch(odd(0));
  std::vector<std::uint64_t> written(posts + 1);  // plain: a race, if a post orders nothing
  std::atomic<std::uint64_t> whole{0};
  const auto has_read = csp::Channel<void>::make("has_read", 3);
  support::Threads threads;
  threads.run_each(3, [&](int) {
    std::uint64_t last = 0;
    std::uint64_t seen = 0;
    while (last < posts) {
      const std::optional<Odd> latest = watch.latest();
      if (!latest) continue;
      if (++seen == 1) CHECK(has_read.send() == csp::Outcome::ok);
      if (*latest != odd(latest->number) || latest->number < last ||
          written[latest->number] != latest->number) {
        FAIL_CHECK("number " << latest->number << " after " << last);
        return;
      }
      last = latest->number;
    }
    whole += seen;
  });
  for (int i = 0; i < 3; ++i)
    CHECK(has_read.receive());  // the first value, while there is no other
  for (std::uint64_t n = 1; n <= posts; ++n) {
    written[n] = n;
    watch.post(odd(n));
  }
  threads.join();
  CHECK(whole >= 6);  // the first and the last value, by each reader
}

}  // namespace
