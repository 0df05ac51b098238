// SPDX-License-Identifier: Apache-2.0
//
// A user's functions may have any name. The library never calls one of them in place of its own
// function because argument-dependent lookup found it in a handler's namespace. If it did, this
// file would not compile, or the test would fail.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <optional>
#include <utility>

namespace hijackers {

// Each of these would match better than the library's function, or equally well.
template <class Case>
void serve(Case&&) {
  FAIL("hijackers::serve");
}
template <class F, class... All>
csp::Flow run_handler(F&, All&&...) {
  FAIL("hijackers::run_handler");
  return csp::stop;
}
template <class Choice, class Case>
csp::detail::Round run_round(Choice&&, Case&) {
  FAIL("hijackers::run_round");
  return {};
}
template <class Spec, class Limit>
csp::Outcome perform_one(Spec&&, Limit&&) {
  FAIL("hijackers::perform_one");
  return csp::Outcome::ok;
}

struct Number {
  int value;
};

TEST_CASE("names: the library does not call a user's functions by mistake") {
  const auto numbers = csp::Channel<Number>::make("numbers", 1);
  int sum = 0;
  const auto add = [&](std::optional<Number> number) {
    if (!number) return csp::stop;
    sum += number->value;
    return csp::go_on;
  };
  {
    csp::Process adder("adder", [&] { csp::serve(csp::on_receive(numbers, add)); });
    CHECK(csp::select(csp::on_send(numbers, Number{1}, [](csp::Outcome) {})) == 0);
    CHECK(csp::select(csp::on_send(numbers, Number{2}), csp::on_stop({}, [] {})) == 0);
    CHECK(numbers.close() == csp::Outcome::ok);
  }
  CHECK(sum == 3);
  CHECK(csp::select(csp::after(std::chrono::seconds(0), [] {})) == 0);
}

}  // namespace hijackers
