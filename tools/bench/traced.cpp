// SPDX-License-Identifier: Apache-2.0
//
// What a trace costs: read-512-1 with nothing attached, with a recorder in memory, and with a file
// of JSON Lines. An operation is a read, as there, so that the costs can be subtracted; how many
// events there were is a finding, and so is how many are missing: their numbers have no gaps. The
// time goes on until the last event is recorded and flushed.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>

#include "bench/run.hpp"
#include "csp/trace.hpp"

namespace asyncstream::tools::bench {
namespace {

/// The reads, a part at a time, so that what is kept in memory stays small.
class Traced : public Workload {
 public:
  void work(Counter& counter) override {
    constexpr std::int64_t kPart = 4096;
    begin();
    do {
      Counter part;
      part.limit = counter.limit > 0 ? std::min(kPart, counter.limit - counter.ops) : kPart;
      reads_->work(part);
      counter.ops += part.ops;
      counter.bytes += part.bytes;
      collect();
    } while (!counter.done());
    end();
    read_ops_ = counter.ops;
  }

  void finish(Findings& findings) override {
    reads_->finish(findings);
    look_back();
    findings["events"] = events_;
    findings["lost"] = events_ == 0 ? 0 : last_ - first_ + 1 - events_ + dropped_;
  }

 protected:
  virtual void begin() {}
  virtual void collect() {}
  virtual void end() {}
  virtual void look_back() {}

  void count(std::uint64_t sequence) {
    const auto number = static_cast<std::int64_t>(sequence);
    if (events_++ == 0) first_ = number;
    must(events_ == 1 || number > last_, "events are out of order");
    last_ = number;
  }
  void must_be_all() const { must(events_ >= 4 * read_ops_, "reads are missing in the trace"); }

  std::int64_t dropped_ = 0;

 private:
  static std::unique_ptr<Workload> reads() {
    const Named named = *find("read-512-1");
    return named.family->make(named.numbers);
  }

  std::unique_ptr<Workload> reads_ = reads();
  std::int64_t read_ops_ = 0;
  std::int64_t events_ = 0;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
};

class IntoMemory : public Traced {
  void begin() override { trace_ = csp::attach(recorder_); }
  void collect() override {
    for (const csp::Event& event : recorder_->take()) count(event.sequence);
  }
  void end() override { trace_ = {}; }
  void look_back() override {
    collect();
    dropped_ = static_cast<std::int64_t>(recorder_->dropped());
    must_be_all();
  }

  std::shared_ptr<csp::MemoryRecorder> recorder_ = std::make_shared<csp::MemoryRecorder>();
  csp::Attachment trace_;
};

class IntoFile : public Traced {
 public:
  ~IntoFile() override {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }

 private:
  void begin() override { trace_ = csp::attach(csp::json_lines_file(path_)); }
  void end() override { trace_ = {}; }
  void look_back() override {
    constexpr std::string_view kKey = "\"seq\":";
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      const std::size_t key = line.find(kKey);
      must(key != std::string::npos && line.back() == '}', "a line of the trace is broken");
      std::uint64_t sequence = 0;
      std::from_chars(line.data() + key + kKey.size(), line.data() + line.size(), sequence);
      count(sequence);
    }
    must_be_all();
  }

  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("asyncstream-bench-" + std::to_string(getpid()) + ".jsonl");
  csp::Attachment trace_;
};

using Made = std::unique_ptr<Workload>;

constexpr Family kFamilies[] = {
    {"trace-off", 0, [](Numbers) -> Made { return std::make_unique<Traced>(); }},
    {"trace-memory", 0, [](Numbers) -> Made { return std::make_unique<IntoMemory>(); }},
    {"trace-jsonl", 0, [](Numbers) -> Made { return std::make_unique<IntoFile>(); }},
};

}  // namespace

std::span<const Family> trace_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
