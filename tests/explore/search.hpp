// SPDX-License-Identifier: Apache-2.0
//
// Searches: which schedules of a scenario are run.
//
//   exhaust      all schedules within a bound, up to equivalence: with so many preemptions, or
//                (delay bounding; Emmi, Qadeer, Rakamaric 2011) with so many departures from the
//                run in which each thread goes on until it sleeps, the next in line follows, and
//                every draw is the first: what programs of many threads can afford. Depth first,
//                each run from the start. A run is given up where the threads have the same past
//                (model.hpp) as at a place that was visited with the same thread running and no
//                more of the bound spent: all that can follow is explored from there. This is
//                caching of happens-before relations (Musuvathi, Qadeer 2007); it is sound with a
//                bound, which sleep sets alone are not.
//   at_random    random priorities, few changes of them (PCT; Burckhardt and others 2010), with
//                some picks that are fully random, so that rare events have their turn.
//   replay       one schedule.
//
// A schedule is the list of picks that are not the first option, as "step:option"; a failing one is
// shortened by leaving out whatever the failure does not need.
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
  std::uint64_t schedules = 0;  // runs, those given up included
  std::uint64_t states = 0;     // places at which there was more than one way to go on
  bool complete = true;         // else the limit of runs ended it
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
