// SPDX-License-Identifier: Apache-2.0
//
// An outside program that uses streams and channels: one source and three readers. Each reader is
// in its own process and reports over a channel; all must have read the same bytes, from the first
// on.

#include <asyncstream/asyncstream.hpp>
#include <csp/csp.hpp>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

int main() {
  const std::vector<std::byte> original(100'000, std::byte{42});
  asyncstream::AsyncStream stream = asyncstream::AsyncStream::from_reader(
      original.size(), std::make_unique<asyncstream::MemorySource>(original, 777));

  csp::Channel<bool> verdicts = csp::Channel<bool>::make("verdicts");
  std::deque<csp::Process> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back("reader " + std::to_string(i), [&] {
      asyncstream::StreamReader reader = stream.make_stream_reader();
      asyncstream::MemorySink copy;
      const asyncstream::IoResult written = reader.write_to(copy);
      const bool equal = !written.error && std::ranges::equal(copy.bytes(), original);
      if (verdicts.send(equal) != csp::Outcome::ok) std::puts("a verdict was refused");
    });
  }
  bool all_equal = true;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    all_equal = verdicts.receive().value_or(false) && all_equal;
  }
  readers.clear();
  const bool closed = !stream.close();
  std::printf("3 readers, the same bytes: %s\n", all_equal ? "yes" : "no");
  return all_equal && closed ? 0 : 1;
}
