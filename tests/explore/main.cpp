// SPDX-License-Identifier: Apache-2.0
//
// The explorer as a program. Without arguments it runs the short form of every family of scenarios;
// --every 1 runs them all. A failing schedule is shortened and printed with the command that
// replays it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "explore/families.hpp"
#include "explore/search.hpp"

namespace {

using explore::Scenario;

struct Arguments {
  std::vector<std::string> families;
  std::string scenario;
  std::string schedule;
  int bound = -1;
  std::size_t every = 0;
  std::uint64_t runs = 2000;
  std::uint64_t limit = 2'000'000;
  std::uint64_t seed = 1;
  bool departures = false;
  bool no_pruning = false;
  bool random = false;
};

int report(Scenario& scenario, const explore::Failure& failure) {
  const explore::Schedule schedule = explore::shorten(scenario, failure.schedule);
  std::printf("\nFAILED: %s\n", scenario.name().c_str());
  const std::string what = explore::replay(scenario, schedule, true);
  std::printf("%s\nreplay with: explore --scenario '%s' --schedule %s\n",
              (what.empty() ? failure.what : what).c_str(), scenario.name().c_str(),
              explore::to_text(schedule).c_str());
  return 1;
}

using explore::Bound;

/// The bound that the arguments ask for, otherwise `otherwise`; none means at random.
std::optional<Bound> bound_of(const Arguments& arguments, std::optional<Bound> otherwise) {
  if (arguments.random) return {};
  if (arguments.bound >= 0) {
    const Bound::Of of = arguments.departures ? Bound::departures : Bound::preemptions;
    return Bound{of, static_cast<unsigned>(arguments.bound)};
  }
  return otherwise;
}

std::optional<explore::Failure> search(Scenario& scenario, const Arguments& arguments,
                                       std::optional<Bound> bound, explore::Tally& tally) {
  if (!bound) return explore::at_random(scenario, arguments.runs, arguments.seed, tally);
  return explore::exhaust(scenario, *bound, arguments.limit, !arguments.no_pruning, tally);
}

std::string to_text(std::optional<Bound> bound) {
  if (!bound) return "random priorities";
  return std::to_string(bound->most) +
         (bound->of == Bound::departures ? " departures" : " preemptions");
}

int run_family(const explore::Family& family, const Arguments& arguments) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point begin = Clock::now();
  const std::vector<std::string> lines = family.lines();
  const std::size_t every = arguments.every ? arguments.every : family.every;
  const std::optional<Bound> bound = bound_of(arguments, family.bound);
  explore::Tally tally;
  std::size_t count = 0;
  for (std::size_t i = arguments.seed % every; i < lines.size(); i += every, ++count) {
    const std::unique_ptr<Scenario> scenario = explore::scenario_of(lines[i]);
    if (const auto failure = search(*scenario, arguments, bound, tally)) {
      return report(*scenario, *failure);
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  std::printf("%-16s %6zu of %6zu scenarios  %-17s %11llu schedules %7.1f s%s  (%s)\n", family.name,
              count, lines.size(), to_text(bound).c_str(),
              static_cast<unsigned long long>(tally.schedules), seconds,
              tally.complete ? "" : "  SOME CUT SHORT", family.what);
  std::fflush(stdout);
  return 0;
}

int run(const Arguments& arguments) {
  if (!arguments.scenario.empty()) {
    const std::unique_ptr<Scenario> scenario = explore::scenario_of(arguments.scenario);
    if (!arguments.schedule.empty()) {
      const std::string what =
          explore::replay(*scenario, explore::parse_schedule(arguments.schedule), true);
      std::printf("%s\n", what.empty() ? "no failure" : what.c_str());
      return what.empty() ? 0 : 1;
    }
    explore::Tally tally;
    const auto failure = search(*scenario, arguments, bound_of(arguments, Bound{}), tally);
    if (failure) return report(*scenario, *failure);
    std::printf("%llu schedules, %llu states%s\n", static_cast<unsigned long long>(tally.schedules),
                static_cast<unsigned long long>(tally.states),
                tally.complete ? "" : ", cut short by --limit");
    return 0;
  }
  std::vector<explore::Family> families = explore::families();
  for (const std::string& name : arguments.families) {
    const auto is_it = [&](const explore::Family& family) { return family.name == name; };
    if (std::none_of(families.begin(), families.end(), is_it)) {
      throw std::invalid_argument("no family is named '" + name +
                                  "'; see tests/explore/families.cpp");
    }
  }
  for (const explore::Family& family : families) {
    const std::vector<std::string>& asked = arguments.families;
    if (!asked.empty() && std::find(asked.begin(), asked.end(), family.name) == asked.end())
      continue;
    if (const int failed = run_family(family, arguments)) return failed;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Runs scenarios of channels in every interleaving");
  app.add_option("--family", arguments.families, "only this family of scenarios; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--every", arguments.every, "take one of so many scenarios; 1: all");
  app.add_option("--scenario", arguments.scenario, "only this scenario, as in '1: s0 | r0'");
  app.add_option("--schedule", arguments.schedule, "replay this schedule of --scenario");
  app.add_option("--bound", arguments.bound, "preemptions at most");
  app.add_flag("--departures", arguments.departures, "--bound is of departures (search.hpp)");
  app.add_option("--limit", arguments.limit, "schedules of one scenario at most");
  app.add_option("--runs", arguments.runs, "schedules of one scenario, at random");
  app.add_option("--seed", arguments.seed, "of what is random, and of which scenarios are taken");
  app.add_flag("--random", arguments.random, "at random instead of exhaustively");
  app.add_flag("--no-pruning", arguments.no_pruning, "run equivalent schedules too");
  try {
    app.parse(argc, argv);
    return run(arguments);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  }
}
