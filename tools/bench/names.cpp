// SPDX-License-Identifier: Apache-2.0
//
// The list of workloads. A name is words followed by numbers, such as read-512-8; the numbers are
// arbitrary. A workload that the Go side has too has the same name there.
#include <algorithm>
#include <charconv>

#include "bench/run.hpp"

namespace asyncstream::tools::bench {
namespace {

constexpr std::size_t kLargest = std::size_t{1} << 30;

/// A number as names contain it: without a sign and without leading zeros.
std::optional<std::size_t> number_in(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool plain = error == std::errc() && end == text.data() + text.size() && text[0] != '0';
  return plain && number <= kLargest ? std::optional(number) : std::nullopt;
}

}  // namespace

std::vector<std::string> standard_names() {
  std::vector<std::string> names;
  const auto add = [&](const std::string& words, std::initializer_list<int> numbers) {
    for (const int number : numbers) names.push_back(words + '-' + std::to_string(number));
  };
  for (const char* const words : {"read-512", "read-4096", "read-65536", "copy-512", "copy-4096",
                                  "copy-65536", "broadcast-512", "write-to", "view"}) {
    add(words, {1, 2, 8, 100});
  }
  for (const char* const words : {"live-512", "live-broadcast-512", "message-512"}) {
    add(words, {1, 8, 100});
  }
  add("fill-65536", {1, 8});
  add("shared", {2, 2000});
  add("apart", {2000});
  for (const char* const name : {"fair-512-100",
                                 "fair-copy-512-100",
                                 "open-reader",
                                 "open-stream-slice",
                                 "open-stream-source",
                                 "hand-over",
                                 "w1",
                                 "w2",
                                 "w3",
                                 "w4",
                                 "w5",
                                 "w1-mutex",
                                 "w2-mutex",
                                 "w3-mutex",
                                 "w4-mutex",
                                 "w5-mutex",
                                 "trace-off",
                                 "trace-filtered",
                                 "trace-memory",
                                 "trace-jsonl",
                                 "idle-100",
                                 "idle-streams-1000",
                                 "memory-64-1",
                                 "memory-stream",
                                 "memory-reader"}) {
    names.emplace_back(name);
  }
  return names;
}

std::optional<Named> find(const std::string& name) {
  Named named{};
  std::string_view words = name;
  for (std::size_t dash; (dash = words.rfind('-')) != std::string_view::npos;) {
    const std::optional<std::size_t> number = number_in(words.substr(dash + 1));
    if (!number) break;
    named.numbers.insert(named.numbers.begin(), *number);
    words = words.substr(0, dash);
  }
  for (const auto& families : {reading_families(), filling_families(), channel_families(),
                               peer_families(), trace_families(), resource_families()}) {
    const auto family = std::ranges::find_if(families, [&](const Family& f) {
      return f.words == words && f.numbers == named.numbers.size();
    });
    if (family != families.end()) {
      named.family = &*family;
      return named;
    }
  }
  return std::nullopt;
}

}  // namespace asyncstream::tools::bench
