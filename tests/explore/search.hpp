// SPDX-License-Identifier: Apache-2.0
//
// Searches decide which schedules of a scenario are run.
//
//   exhaust      All schedules within a bound, up to equivalence. The bound is a number of
//                preemptions, or a number of departures (delay bounding; Emmi, Qadeer, Rakamaric
//                2011) from the run in which each thread continues until it sleeps, the next in
//                line follows, and every draw is the first. Programs of many threads can afford
//                only the second. Depth first; each run starts from the beginning. A run is
//                abandoned where the threads have the same past (model.hpp) as at a place that was
//                visited with the same thread running and no more of the bound spent: all that can
//                follow is explored from there. This is caching of happens-before relations
//                (Musuvathi, Qadeer 2007). It is sound with a bound; sleep sets alone are not.
//   at_random    Random priorities with few changes (PCT; Burckhardt and others 2010), and some
//                picks that are fully random, so that rare events occur.
//   replay       One schedule.
//
// A schedule is the list of picks that are not the first option, as "step:option". A failing
// schedule is shortened: every pick that the failure does not need is removed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "explore/model.hpp"

namespace explore {

using Schedule = std::vector<std::pair<std::size_t, std::size_t>>;

std::string to_text(const Schedule& schedule);
Schedule parse_schedule(const std::string& text);

struct Failure {
  Schedule schedule;
  std::string what;
};

struct Tally {
  std::uint64_t schedules = 0;  // runs, including abandoned ones
  std::uint64_t states = 0;     // places with more than one option
  bool complete = true;         // false: the limit of runs ended the search
};

struct Bound {
  enum Of { preemptions, departures };
  Of of = preemptions;
  unsigned most = 3;
};

std::optional<Failure> exhaust(Scenario& scenario, Bound bound, std::uint64_t limit, bool prune,
                               Tally& tally);
std::optional<Failure> at_random(Scenario& scenario, std::uint64_t runs, std::uint64_t seed,
                                 Tally& tally);
std::string replay(Scenario& scenario, const Schedule& schedule, bool verbose);
Schedule shorten(Scenario& scenario, Schedule schedule);

}  // namespace explore
