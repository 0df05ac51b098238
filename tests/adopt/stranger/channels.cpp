// SPDX-License-Identifier: Apache-2.0
//
// A stranger's program that uses the channels alone: a process sends numbers and closes, this one
// selects over them and a result it has been sent, and the sum must be right.

#include <csp/csp.hpp>

#include <cstdio>
#include <optional>

int main() {
  csp::Channel<int> numbers = csp::Channel<int>::make("numbers");
  csp::Channel<long> result = csp::Channel<long>::make("result", 1);
  csp::Process adder("adder", [&] {
    long sum = 0;
    for (const int number : numbers) sum += number;
    if (result.send(sum) != csp::Outcome::ok) std::puts("adder: the result was refused");
  });

  int next = 1;
  std::optional<long> sum;
  while (next <= 100) {
    csp::select(csp::on_send(numbers, next, [&](csp::Outcome) { ++next; }),
                csp::on_receive(result, sum));
  }
  if (numbers.close() != csp::Outcome::ok) return 1;
  sum = result.receive();
  std::printf("sum of 1 to 100: %ld\n", sum.value_or(-1));
  return sum == 5050 ? 0 : 1;
}
