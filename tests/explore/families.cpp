// SPDX-License-Identifier: Apache-2.0
//
// The families of scenarios. For streams they are a selection that covers every kind of call. For
// channels each family holds all combinations of its calls, with each set of threads once.
// Scenarios in which nothing can meet are included, such as a single thread, or two receivers on a
// channel without a sender: their threads must sleep, and must be cancellable.
#include <algorithm>

#include "explore/channels.hpp"
#include "explore/families.hpp"
#include "explore/streams.hpp"

namespace explore {
namespace {

using Lines = std::vector<std::string>;

/// All sequences of `length` calls.
Lines programs(const Lines& calls, std::size_t length) {
  Lines all{""};
  for (std::size_t i = 0; i < length; ++i) {
    Lines longer;
    for (const std::string& begun : all) {
      for (const std::string& call : calls) longer.push_back(begun + " " + call);
    }
    all = std::move(longer);
  }
  return all;
}

/// All multisets of `threads` programs, for each of the capacities; `more` is one additional
/// thread.
Lines combine(const Lines& capacities, const Lines& programs, std::size_t threads,
              const std::string& more = "") {
  Lines sets{""};
  std::vector<std::size_t> last{0};
  for (std::size_t t = 0; t < threads; ++t) {
    Lines longer;
    std::vector<std::size_t> longer_last;
    for (std::size_t s = 0; s < sets.size(); ++s) {
      for (std::size_t p = last[s]; p < programs.size(); ++p) {
        longer.push_back(sets[s] + (t ? " |" : "") + programs[p]);
        longer_last.push_back(p);
      }
    }
    sets = std::move(longer);
    last = std::move(longer_last);
  }
  Lines lines;
  for (const std::string& capacity : capacities) {
    for (const std::string& set : sets) lines.push_back(capacity + ":" + set + more);
  }
  return lines;
}

const Lines kOne{"0", "1", "2"};
const Lines kPairs{"0,0", "0,1", "1,1", "0,2"};
const Lines kSelects{"[s0,r1]", "[s1,r0]", "[r0,r1]", "[s1,s0]", "[s0,r0]", "[r0,r0]"};

Lines two_by_two() {
  return combine(kOne, programs({"s0", "r0", "s0?", "r0?", "s0~", "r0~", "c0"}, 2), 2);
}
Lines two_stopped() {
  return combine(kOne, programs({"s0", "r0", "s0!", "r0!", "c0"}, 2), 2, " | x");
}
Lines three_by_one() {
  return combine(kOne, programs({"s0", "r0", "s0?", "r0?", "s0~", "r0~", "c0"}, 1), 3);
}
Lines three_by_two() { return combine(kOne, programs({"s0", "r0", "s0?", "r0~", "c0"}, 2), 3); }
Lines two_by_three() { return combine(kOne, programs({"s0", "r0", "r0?", "s0~", "c0"}, 3), 2); }
Lines selects_by_two() {
  Lines calls = kSelects;
  calls.insert(calls.end(), {"s0", "r1", "c0"});
  return combine(kPairs, programs(calls, 2), 2);
}
Lines three_selects() {
  Lines calls = kSelects;
  calls.insert(calls.end(), {"s0", "r0", "r1", "s1", "[s0,r1]~", "[r0,r1]?", "c0"});
  return combine(kPairs, programs(calls, 1), 3);
}
Lines selects_stopped() {
  return combine(kPairs, programs({"[s0,r1]!", "[s1,r0]!", "[r0,r1]!", "s0", "s1", "r0", "c1"}, 1),
                 2, " | x");
}
// At every moment after the first call one of the two channels is ready, or becomes ready before
// the other stops being ready. So `default` must not happen (as in Go's TestNonblockSelectRace).
Lines moments() {
  return {"1,1: s0 s1 r0 | [r0,r1]?", "1,1: s0 s1 r0 | [r1,r0]?",    "1,1: s0 c1 r0 | [r1,r0]?",
          "1,1: s0 c1 r0 | [r0,r1]?", "1,1: s0 s1 r0 | [r1,r0]~",    "1,0: s0 r0 | [s0,r1]? | s1",
          "2,1: s0 s0 r0 | [s0,r1]?", "1,1: s0 r0 s1 r1 | [s1,s0]?", "1: s0 c0 | r0? r0?"};
}

const Lines kCrowd{"[s0,r1]", "[s1,r0]~", "s0", "r0", "s1~", "r1", "c0"};
Lines many() { return combine({"0,1", "1,2"}, programs(kCrowd, 2), 4); }
Lines five() { return combine({"0,1", "1,2"}, programs(kCrowd, 1), 5); }

Lines streams() {
  return {
      "stream 8: 2 e | o r r",
      "stream 8: b | o r | X",
      "stream 8: 2 b | o r",
      "stream 8: b | o r! | x | C",
      "stream 8: 2 e | o r | C",
      "stream 8: b | o r~ c",
      "stream 8: b | o r~ c | C~",
      "stream 8: 2 b | o r | X",
      "stream 8: 2 3 e | o r r r r | o r r r r",
      "stream 8: 3 e | o r~ r~ r~ c | o w c",
      "stream 8: 2 b | o r! r! r! c | o r~ r~ c | x",
      "stream 8: 2 1 f | o r r r | o~ r~ r~ r",
      "stream 8: 1 t | o r r | o w",
      "stream 4: 3 3 e | o w | o r r r",
      "stream 8: 2 z 2 e | o r r | k0 | o r~ w",
      "stream 8: 2 b | o r r r | X | o r~ r",
      "stream 8: 2 2 e | o r c | C | o? r",
      "stream 8: 4 e | o r | C | C~ | o~ r r r",
      "stream 8: 2 b | o r~ r! c | X | C | x",
      "stream 8: 2 b | o r r | o r~ r | k0 k1 X | C",
      "stream 0: e | o r c | o? r c | C~",
      "stream 8: b | o r~ r~ c o r! c | X | C",
      "stream 8: 4 b | o r r r | X r | k0",
      "stream 8: 2 f | o r r r | o r r | C",
      "stream 2: 4 e | o r r | o r | X",
  };
}

}  // namespace

std::unique_ptr<Scenario> scenario_of(const std::string& line) {
  return line.starts_with("stream") ? stream_scenario(line) : channel_scenario(line);
}

std::vector<Family> families() {
  constexpr std::optional<Bound> kAtRandom;
  constexpr Bound kTwo{Bound::preemptions, 2};
  constexpr Bound kThree{Bound::preemptions, 3};
  constexpr Bound kDeparture{Bound::departures, 1};
  return {
      {"two-by-two", "2 threads, 2 calls", kThree, 25, two_by_two},
      {"two-stopped", "2 threads, 2 calls, stop requested", kTwo, 12, two_stopped},
      {"two-by-three", "2 threads, 3 calls", kTwo, 100, two_by_three},
      {"three-by-one", "3 threads, 1 call", kTwo, 6, three_by_one},
      {"three-by-two", "3 threads, 2 calls", kTwo, 2000, three_by_two},
      {"selects-by-two", "2 threads, 2 calls, 2-way selects", kTwo, 50, selects_by_two},
      {"three-selects", "3 threads, 1 call, 2-way selects", kTwo, 30, three_selects},
      {"selects-stopped", "2 threads, 2-way selects, stop requested", kTwo, 6, selects_stopped},
      {"moments", "selects that must find something ready", kThree, 1, moments},
      {"streams", "whole streams", kDeparture, 1, streams},
      {"random-streams", "whole streams", kAtRandom, 1, streams},
      {"many", "4 threads, 2 calls, 2-way selects", kAtRandom, 20000, many},
      {"five", "5 threads, 1 call, 2-way selects", kAtRandom, 40, five},
  };
}

}  // namespace explore
