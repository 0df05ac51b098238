// SPDX-License-Identifier: Apache-2.0
//
// Checks histories of real threads. Each seed makes a scenario of 3 or 4 threads with 4 to 8 calls,
// which include close, try forms, time-outs, stop and 2-way selects. The scenario runs on threads
// that execute in parallel, and its history is checked.
//
// Between scenarios the threads are processes that wait in a receive. So csp::wait_until_idle tells
// when a scenario is over: each process is back, or asleep in a call that nothing will end. Such
// calls are pending in the history, and are freed afterwards by closing their channels. Moments are
// read from the clock and not from a shared counter, which would itself order the threads.
#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <csp/process.hpp>
#include <csp/select.hpp>
#include <csp/waiting.hpp>
#include <cstdio>
#include <random>
#include <thread>

#include "linearize/operate.hpp"

namespace {

using linearize::Action;
using linearize::Call;
using Clock = std::chrono::steady_clock;

std::string random_line(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto channel = [&] { return std::to_string(below(2)); };
  const auto one_case = [&] { return (below(2) ? "s" : "r") + channel(); };
  std::string line = std::to_string(below(3)) + "," + std::to_string(below(3)) + ":";
  const std::uint64_t threads = 3 + below(2);
  for (std::uint64_t t = 0; t < threads; ++t) {
    if (t > 0) line += " |";
    for (std::uint64_t calls = 4 + below(5); calls > 0; --calls) {
      const std::uint64_t kind = below(24);
      if (kind == 0) {
        line += " c" + channel();
      } else if (kind == 1) {
        line += " x";
      } else {
        line += " " + (kind < 10 ? "[" + one_case() + "," + one_case() + "]" : one_case());
        line += std::array{"", "", "", "?", "~", "!"}[below(6)];
      }
    }
  }
  return line;
}

/// One run of one scenario, shared by its threads.
struct Round {
  explicit Round(const linearize::Config& from) : config(from), calls(from.threads.size()) {
    for (const std::size_t capacity : config.capacities) {
      channels.push_back(csp::Channel<linearize::Item>::make("", capacity));
    }
  }
  linearize::Moment now() const {
    return static_cast<linearize::Moment>((Clock::now() - begin) / std::chrono::nanoseconds(1));
  }

  const linearize::Config& config;
  linearize::Channels channels;
  std::vector<std::vector<Call>> calls;  // one list for each thread
  std::stop_source stop;
  std::atomic<std::size_t> arrived{0};
  std::atomic<std::size_t> timed{0};     // threads in a timed call
  std::atomic<std::size_t> timeable{0};  // timed calls so far
  Clock::time_point begin = Clock::now();
  std::vector<std::string> wrong = std::vector<std::string>(8);
};

void play(Round& round, std::size_t thread, std::mt19937_64& random) {
  std::vector<Call>& calls = round.calls[thread];
  calls.reserve(round.config.threads[thread].size());
  // All threads begin together: a thread takes longer to wake than the whole scenario to run.
  round.arrived.fetch_add(1);
  for (int i = 0; round.arrived.load() < round.calls.size(); ++i) {
    if (i > 200) std::this_thread::yield();
  }
  for (const Action& action : round.config.threads[thread]) {
    for (std::uint64_t i = random() % 64; i > 0; --i) asm volatile("");
    if (action.requests_stop) {
      round.stop.request_stop();
      continue;
    }
    Call& call = calls.emplace_back(action.call);
    if (action.patience == linearize::Patience::timed) {
      round.timed.fetch_add(1);
      round.timeable.fetch_add(1);
    }
    call.called = round.now();
    const Clock::time_point deadline = Clock::now() + std::chrono::nanoseconds(random() % 20'000);
    std::string wrong =
        linearize::operate(call, action.patience, deadline, round.channels, round.stop.get_token());
    call.returned = round.now();
    if (action.patience == linearize::Patience::timed) round.timed.fetch_sub(1);
    if (!wrong.empty()) round.wrong[thread] = std::move(wrong);
  }
}

class Players {
 public:
  explicit Players(std::uint64_t seed) {
    for (std::size_t i = 0; i < kPlayers; ++i) {
      begin_.push_back(csp::Channel<Round*>::make(""));
      processes_.emplace_back("player", [begin = begin_.back(), i, seed] {
        std::mt19937_64 random(seed + i);
        csp::seed_select(seed + i);
        while (const std::optional<Round*> round = begin.receive()) play(**round, i, random);
      });
    }
  }
  ~Players() {
    for (const csp::Channel<Round*>& begin : begin_) (void)begin.close();
  }

  /// Empty, or what is wrong with the run.
  std::string run(const linearize::Config& config) {
    Round round(config);
    for (std::size_t t = 0; t < config.threads.size(); ++t) (void)begin_[t].send(&round);
    // The threads are at rest only if no deadline can end it: no timed call may be under way, and
    // none may have begun meanwhile. The order of the two checks matters. A timed call that begins
    // between them is missed by the second, and would be missed by the first if it came later; its
    // deadline would then end the rest during the reading.
    for (bool stable = false; !stable; std::this_thread::yield()) {
      const std::size_t before = round.timeable.load();
      const bool none_before = round.timed.load() == 0;
      if (!rest()) return "no rest within a minute: a thread runs for ever";
      stable = none_before && round.timeable.load() == before;
    }
    linearize::History history{config.capacities, {}};
    for (const std::vector<Call>& calls : round.calls) {
      history.calls.insert(history.calls.end(), calls.begin(), calls.end());
    }
    for (const csp::Channel<linearize::Item>& channel : round.channels) (void)channel.close();
    round.stop.request_stop();
    if (!rest()) return "no rest after all was closed";
    for (const std::string& wrong : round.wrong) {
      if (!wrong.empty()) return wrong + "\n" + linearize::to_text(history);
    }
    return linearize::check(history);
  }

 private:
  static constexpr std::size_t kPlayers = 4;
  static bool rest() { return csp::wait_until_idle(Clock::now() + std::chrono::minutes(1)); }
  std::vector<csp::Channel<Round*>> begin_;
  std::vector<csp::Process> processes_;
};

int run(std::uint64_t seeds, std::uint64_t first, const std::string& scenario) {
  Players players(first);
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const std::string line = scenario.empty() ? random_line(seed) : scenario;
    const std::string wrong = players.run(linearize::parse(line));
    if (wrong.empty()) continue;
    std::printf("FAILED, seed %llu: %s\n%s\ntry again with: linearize --scenario '%s'\n",
                static_cast<unsigned long long>(seed), line.c_str(), wrong.c_str(), line.c_str());
    std::fflush(stdout);
    std::_Exit(1);  // a thread may sleep for ever
  }
  std::printf("%llu histories, linearizable all, %.1f s\n", static_cast<unsigned long long>(seeds),
              std::chrono::duration<double>(Clock::now() - begin).count());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seeds = 100'000;
  std::uint64_t first = 1;
  std::string scenario;
  CLI::App app("Checks histories of real threads for linearizability");
  app.add_option("--seeds", seeds, "how many histories");
  app.add_option("--first", first, "the first seed");
  app.add_option("--scenario", scenario, "always this scenario, as in '1: s0 | r0'");
  try {
    app.parse(argc, argv);
    return run(seeds, first, scenario);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  } catch (const std::invalid_argument& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
  }
}
