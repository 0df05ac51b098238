// SPDX-License-Identifier: Apache-2.0
//
// asyncstream bench: measures one workload after the other. This file is its command line;
// bench/names.cpp lists the workloads, and bench/run.cpp measures them. tools/bench.sh compares
// them with the Go side, which has the same names and fields, by interleaving the two.
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "bench/run.hpp"
#include "commands.hpp"

namespace asyncstream::tools {
namespace {

// The times of a sanitizer's or an unoptimised build say nothing about the library.
#if defined(ASYNCSTREAM_SANITIZED)
constexpr const char* kUnfit = "this build has a sanitizer";
#elif !defined(__OPTIMIZE__)
constexpr const char* kUnfit = "this build is not optimised";
#else
constexpr const char* kUnfit = nullptr;
#endif

#if defined(__clang__)
constexpr const char* kCompiler = "clang " __clang_version__;
#else
constexpr const char* kCompiler = "g++ " __VERSION__;
#endif

constexpr const char* kHelp =
    R"(Without a NAME, all workloads of --list run, one after the other. The numbers in names are
arbitrary. tools/bench/README.md describes the workloads; tools/bench.sh compares with Go and
with the goals.

Exit status: 0 measured; 1 a workload gave a wrong result; 2 a bad argument, or a build that
is unfit to be measured.

Examples:
  asyncstream bench read-512-8 --seconds 1
  asyncstream bench w1 w2 w1-mutex --ops 100000 --json)";

struct Line {
  std::vector<std::string> names;
  double seconds = 1;
  std::int64_t ops = 0;
  bool json = false;
  bool list = false;
  bool compiler = false;
};

int complain(const std::string& text) {
  std::cerr << "asyncstream bench: " + text + '\n';
  return 2;
}

int run(const Line& line) {
  if (line.compiler) {
    std::cout << kCompiler << '\n';
    return 0;
  }
  const std::vector<std::string> all = bench::standard_names();
  if (line.list) {
    for (const std::string& name : all) std::cout << name + '\n';
    return 0;
  }
  if (kUnfit) {
    return complain(std::string(kUnfit) + "; build with -Dbuildtype=release to measure");
  }
  const std::vector<std::string>& names = line.names.empty() ? all : line.names;
  std::vector<bench::Named> found;
  for (const std::string& name : names) {
    if (std::optional<bench::Named> named = bench::find(name)) {
      found.push_back(std::move(*named));
    } else {
      return complain("unknown workload '" + name + "'; see asyncstream bench --list");
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bench::Result result =
        bench::run(names[i], found[i], std::chrono::duration<double>(line.seconds), line.ops);
    std::cout << (line.json ? result.to_json() : result.to_text()) << std::endl;
  }
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, int& status) {
  const auto line = std::make_shared<Line>();
  CLI::App* const command = app.add_subcommand("bench", "Measure reads, streams and channels");
  command->add_option("NAME", line->names, "Workloads to run; by default all of --list");
  command->add_option("--seconds", line->seconds, "How long each one runs")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  command->add_option("--ops", line->ops, "Run about this many operations, instead of for a time")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40));
  command->add_flag("--json", line->json, "Print each result as a line of JSON");
  command->add_flag("--list", line->list, "Print the names of the standard workloads");
  command->add_flag("--compiler", line->compiler, "Print the compiler that built this program");
  command->footer(kHelp);
  command->callback([line, &status] { status = run(*line); });
}

}  // namespace asyncstream::tools
