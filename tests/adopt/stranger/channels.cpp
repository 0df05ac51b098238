// SPDX-License-Identifier: Apache-2.0
//
// An outside program that uses only the channels: one process sends numbers and closes, another
// selects over them and a result channel, and the sum must be right.

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
