// SPDX-License-Identifier: Apache-2.0
//
// Runs a workload. All workers first meet at a starting line, so that making their threads is not
// measured; then the clock runs until the last of them has ended. Processor time and context
// switches are those of the whole program meanwhile, including the library's own threads.
#include "bench/run.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "csp/process.hpp"

namespace asyncstream::tools::bench {
namespace {

std::int64_t now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Usage {
  double cpu;
  std::int64_t switches;
};

Usage usage() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return {seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_nvcsw + used.ru_nivcsw};
}

void sum_up(Result& result, const std::vector<Counter>& counters, bool timed) {
  std::int64_t fewest = counters.front().ops;
  std::int64_t worst = 0;
  for (const Counter& counter : counters) {
    result.ops += counter.ops;
    result.bytes += counter.bytes;
    fewest = std::min(fewest, counter.ops);
    worst = std::max(worst, counter.worst_wait);
  }
  must(result.ops > 0, "nothing was done");
  if (timed && counters.size() > 1) {
    const auto mean = static_cast<double>(result.ops) / static_cast<double>(counters.size());
    result.min_share = static_cast<double>(fewest) / mean;
  }
  if (worst > 0) result.worst_wait_ns = worst;
}

}  // namespace

void fail(std::string_view what) {
  std::fprintf(stderr, "asyncstream bench: %.*s\n", static_cast<int>(what.size()), what.data());
  std::_Exit(1);  // other workers may wait for ever for this one
}

std::vector<std::byte> filled(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = byte_at(i);
  return bytes;
}

Result run(const std::string& name, const Named& named, std::chrono::duration<double> time,
           std::int64_t ops) {
  const std::unique_ptr<Workload> workload = named.family->make(named.numbers);
  const std::size_t workers = workload->workers();
  std::atomic<bool> over = false;
  std::vector<Counter> counters(workers);
  std::latch ready(static_cast<std::ptrdiff_t>(workers));
  std::latch start(1);
  std::vector<csp::Process> processes;
  try {
    for (Counter& counter : counters) {
      counter.number = processes.size();
      counter.over = &over;
      const auto count = static_cast<std::int64_t>(workers);
      if (ops > 0) counter.limit = (ops + count - 1) / count;
      processes.emplace_back("worker" + std::to_string(counter.number), [&] {
        ready.arrive_and_wait();
        start.wait();
        workload->work(counter);
        counter.ended = now();
      });
    }
  } catch (const std::system_error& error) {
    fail(name + ": cannot start a thread for each worker: " + error.what());
  }

  ready.wait();
  const Usage before = usage();
  const std::int64_t begun = now();
  start.count_down();
  if (ops == 0) {
    std::this_thread::sleep_for(time);
    over = true;
    over.notify_all();
  }
  for (csp::Process& process : processes) process.join();
  const Usage after = usage();

  Result result{.name = name, .processors = std::thread::hardware_concurrency()};
  const auto last = std::ranges::max(counters, {}, &Counter::ended).ended;
  result.seconds = static_cast<double>(last - begun) * 1e-9;
  result.cpu_seconds = after.cpu - before.cpu;
  result.context_switches = after.switches - before.switches;
  result.workers = workers;
  sum_up(result, counters, ops == 0);
  workload->finish(result.findings);
  return result;
}

std::string Result::to_json() const {
  nlohmann::ordered_json json{
      {"name", name},
      {"ns_per_op", ns_per_op()},
      {"ops", ops},
      {"bytes", bytes},
      {"seconds", seconds},
      {"cpu_seconds", cpu_seconds},
      {"context_switches", context_switches},
      {"threads", processors},
      {"readers", workers},
  };
  if (min_share) json["min_share"] = *min_share;
  if (worst_wait_ns) json["worst_wait_ns"] = *worst_wait_ns;
  for (const auto& [key, value] : findings) json[key] = value;
  return json.dump();
}

std::string Result::to_text() const {
  std::string text(128, '\0');
  text.resize(static_cast<std::size_t>(std::snprintf(
      text.data(), text.size(), "%-20s %10.1f ns/op %12lld ops %8.2f GB/s %6.2f s cpu",
      name.c_str(), ns_per_op(), static_cast<long long>(ops),
      static_cast<double>(bytes) / seconds / 1e9, cpu_seconds)));
  const auto add = [&](const char* format, auto... values) {
    char part[64];
    std::snprintf(part, sizeof part, format, values...);
    text += part;
  };
  if (min_share) add("  slowest %.2f of mean", *min_share);
  if (worst_wait_ns) add("  worst wait %.3f ms", static_cast<double>(*worst_wait_ns) / 1e6);
  for (const auto& [key, value] : findings) {
    add("  %s %lld", key.c_str(), static_cast<long long>(value));
  }
  return text;
}

}  // namespace asyncstream::tools::bench
