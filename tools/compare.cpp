// SPDX-License-Identifier: Apache-2.0
//
// asyncstream compare: plays recorded scenarios on a real stream and compares the result with what
// the Go reference did. Without --go the other side is the record. With it, the same scenarios, and
// random ones if requested, also run live on a Go implementation; a random scenario that fails is
// shrunk.
//
// Where the port diverges on purpose, the reference may have to play another scenario to show what
// is expected. Its result is kept under the recording's name in a folder `port` beside the
// recording's folder.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "commands.hpp"
#include "scenario/compare_traces.hpp"
#include "scenario/go_side.hpp"
#include "scenario/play_options.hpp"
#include "scenario/random_scenario.hpp"
#include "scenario/shrink.hpp"

namespace asyncstream::tools {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct CompareOptions {
  std::vector<std::string> inputs;
  bool as_json = false;
  bool go = false;
  std::string go_package;
  std::size_t random = 0;
  std::uint64_t seed = 1;
  Playing playing;
};

constexpr const char* kPortFolder = "port";

std::vector<fs::path> recordings_in(const std::vector<std::string>& inputs) {
  std::vector<fs::path> files;
  for (const std::string& input : inputs) {
    if (!fs::is_directory(input)) {
      files.push_back(input);
      continue;
    }
    const std::size_t before = files.size();
    for (fs::recursive_directory_iterator it(input), end; it != end; ++it) {
      if (it->is_directory() && it->path().filename() == kPortFolder)
        it.disable_recursion_pending();
      if (it->path().extension() == ".jsonl") files.push_back(it->path());
    }
    if (files.size() == before)
      throw BadInput(input + ": has no recording (*.jsonl); name a folder such as tests/golden");
    std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
  }
  return files;
}

/// The trace to compare with: the recording, or, if the scenario diverges by playing another one,
/// the one in the folder `port`.
Trace recorded(const fs::path& file, Recording recording) {
  const Expectation expectation = expectation_of(recording.scenario);
  if (expectation.equivalent != recording.scenario.json) {
    const fs::path path = file.parent_path().parent_path() / kPortFolder / file.filename();
    if (!fs::exists(path)) {
      throw BadInput(file.string() + ": diverges (" + expectation.divergences.front() +
                     "), and the expected trace, " + path.string() + ", is missing; give --go");
    }
    recording = load_recording(path.string());
  }
  if (recording.trace.empty()) {
    throw BadInput(file.string() +
                   ": has a scenario but no trace to compare with; give --go to make one");
  }
  return std::move(recording.trace);
}

/// Prints one scenario's result, for people or for machines. True if it passed.
class Report {
 public:
  explicit Report(bool as_json) : as_json_(as_json) {}

  void add(const std::string& name, const Verdict& verdict) {
    const bool passed = verdict.differences.empty();
    ++(passed ? passed_ : failed_);
    if (as_json_) return add_json(name, verdict, passed);
    if (passed && verdict.divergences.empty()) return;
    if (passed) {
      for (const std::string& id : verdict.divergences) {
        std::cout << name << ": diverges (" << id << "): " << reason_of(id) << "\n";
      }
      return;
    }
    std::cout << name << ": differs\n";
    for (const Difference& difference : verdict.differences) {
      std::cout << side_by_side(difference, "Go reference", "this library");
    }
  }

  void fail(const std::string& name, const std::string& why) {
    ++failed_;
    if (as_json_) {
      results_.push_back({{"name", name}, {"result", "failed"}, {"why", why}});
    } else {
      std::cout << name << ": failed: " << why << "\n";
    }
  }

  int finish() const {
    if (as_json_) {
      std::cout << json{{"passed", passed_}, {"failed", failed_}, {"scenarios", results_}}.dump(1)
                << "\n";
    } else {
      std::cout << passed_ << " passed, " << failed_ << " failed\n";
    }
    std::cout << std::flush;
    return failed_ == 0 && std::cout ? 0 : 1;
  }

 private:
  void add_json(const std::string& name, const Verdict& verdict, bool passed) {
    json differences = json::array();
    for (const Difference& d : verdict.differences) {
      differences.push_back(
          {{"step", d.step}, {"proc", d.process}, {"expected", d.expected}, {"actual", d.actual}});
    }
    const char* const result = !passed                       ? "differs"
                               : verdict.divergences.empty() ? "same"
                                                             : "diverges";
    results_.push_back({{"name", name},
                        {"result", result},
                        {"divergences", verdict.divergences},
                        {"differences", std::move(differences)}});
  }

  bool as_json_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
  json results_ = json::array();
};

class Comparison {
 public:
  explicit Comparison(const CompareOptions& options) : options_(options), report_(options.as_json) {
    if (options.go) go_.emplace(options.go_package);
  }

  int run() {
    play_all();
    if (!ended_)
      std::cerr
          << "asyncstream compare: the last scenario cannot be ended, so no more are played\n";
    return report_.finish();
  }

 private:
  void play_all() {
    for (const fs::path& file : recordings_in(options_.inputs)) {
      Recording recording = load_recording(file.string());
      const Scenario scenario = recording.scenario;
      add(scenario, go_ ? std::nullopt : std::optional(recorded(file, std::move(recording))));
      if (!ended_) return;
    }
    for (std::size_t i = 0; i < options_.random; ++i) {
      const Scenario scenario = random_scenario(options_.seed + i);
      if (!add(scenario, std::nullopt)) save_smallest(scenario);
      if (!ended_) return;
    }
  }

  struct Result {
    Verdict verdict;
    std::string failure;  // one side could not play it at all
    bool go_failed = false;
    bool passed() const { return failure.empty() && verdict.differences.empty(); }
  };

  /// `reference` is the record; without it Go is asked.
  Result hold(const Scenario& scenario, std::optional<Trace> reference) {
    Result result;
    const Expectation expectation = expectation_of(scenario);
    if (!reference) reference = go_->play(expectation.equivalent, result.failure);
    result.go_failed = !reference;
    if (result.go_failed) return result;
    try {
      result.verdict = compare_traces(expectation, std::move(*reference),
                                      play(scenario, options_.playing), options_.playing.traced);
    } catch (const StuckStep& e) {
      result.failure = e.what();
      ended_ = e.ended;
    }
    return result;
  }

  bool add(const Scenario& scenario, std::optional<Trace> reference) {
    const Result result = hold(scenario, std::move(reference));
    if (result.failure.empty()) {
      report_.add(scenario.name, result.verdict);
    } else {
      report_.fail(scenario.name, (result.go_failed ? "Go: " : "") + result.failure);
    }
    return result.passed();
  }

  void save_smallest(const Scenario& scenario) {
    const Scenario smallest = shrink(scenario, [this](const Scenario& smaller) {
      if (!ended_) return false;
      const Result result = hold(smaller, std::nullopt);
      return !result.passed() && !result.go_failed;
    });
    const std::string path = scenario.name + ".json";
    std::ofstream(path) << smallest.json.dump(1) << "\n";
    std::cerr << "asyncstream compare: " << scenario.name << ": shrunk to " << smallest.steps.size()
              << " steps in '" << path << "'\n";
  }

  const CompareOptions& options_;
  Report report_;
  std::optional<GoSide> go_;
  bool ended_ = true;  // false: a scenario on the library cannot be ended
};

int compare(const CompareOptions& options) {
  try {
    if (options.inputs.empty() && options.random == 0) {
      throw BadInput("name a recording, a folder of them, or --go --random N");
    }
    for (const std::string& input : options.inputs) {
      if (access(input.c_str(), R_OK) != 0) {
        throw BadInput("cannot read '" + input + "': " + std::strerror(errno));
      }
    }
    if (options.random > 0 && !options.go) {
      throw BadInput("--random needs --go: a new scenario has no recording to compare with");
    }
    return Comparison(options).run();
  } catch (const BadInput& e) {
    std::cerr << "asyncstream compare: " << e.what() << "\n";
    return 2;
  }
}

}  // namespace

void add_compare(CLI::App& app, int& status) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* const command =
      app.add_subcommand("compare", "Compare this library with the Go reference's recordings");
  command->add_option("FILE|FOLDER", options->inputs, "Recordings, or folders of them");
  CLI::Option* const go =
      command->add_option("--go", options->go_package,
                          "Compare with Go, live: the model in tools/goref, or the package in DIR");
  go->expected(0, 1)->type_name("[DIR]");
  command->add_option("--random", options->random,
                      "Also play this many random scenarios (needs --go)");
  command
      ->add_option("--seed", options->seed,
                   "The seed of the first random scenario; the next has the next seed")
      ->capture_default_str();
  command->add_flag("--json", options->as_json, "Print the result as JSON");
  add_play_options(*command, options->playing);
  command->footer(
      "Plays scenarios on a real stream, and compares step by step what each process did with "
      "what\n"
      "the reference did. A documented divergence passes and is named.\n\n"
      "Exit status: 0 none failed; 1 some failed; 2 bad input, or no Go for --go.\n\n"
      "Examples:\n"
      "  asyncstream compare tests/golden\n"
      "  asyncstream compare --untraced tests/golden/named\n"
      "  asyncstream compare --go --random 500 --seed 1");
  command->callback([options, go, &status] {
    options->go = go->count() > 0;
    status = compare(*options);
  });
}

}  // namespace asyncstream::tools
