// SPDX-License-Identifier: Apache-2.0
//
// A user's functions may have any name: none is taken for one of the library's because a handler is
// of the user's namespace (argument-dependent lookup). If one is, this does not compile, or fails.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <optional>
#include <utility>

namespace hijackers {

// Each would be a better match than ours, or as good a one.
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

TEST_CASE("names: functions of the user's are not taken for the library's") {
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
