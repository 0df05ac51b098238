// SPDX-License-Identifier: Apache-2.0
//
// Measures what a trace costs: a message is sent and received with nothing attached, with a
// recorder that a filter keeps all events from, with a recorder in memory, and with a file of JSON
// Lines. One thread does both sides, on a channel of one slot, because a hand-off between two
// threads varies from round to round by more than a trace costs. The number of events is a finding,
// and so is the number of missing ones, since their numbers have no gaps. The time ends when the
// last event is recorded and flushed.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "bench/workload.hpp"
#include "csp/channel.hpp"
#include "csp/trace.hpp"

namespace asyncstream::tools::bench {
namespace {

/// Like a reader's request to transfer: two numbers that describe themselves.
struct Message {
  std::int64_t offset;
  std::int64_t maxsize;
};
void describe(const Message& message, csp::Fields& fields) {
  fields.add("offset", message.offset);
  fields.add("maxsize", message.maxsize);
}

/// Sends the messages in parts, so that little is kept in memory.
class Traced : public Workload {
 public:
  void work(Counter& counter) override {
    constexpr std::int64_t kPart = 4096;
    begin();
    do {
      const std::int64_t left = counter.limit > 0 ? counter.limit - counter.ops : kPart;
      pass(counter, std::min(kPart, left));
      collect();
    } while (!counter.done());
    end();
    messages_ = counter.ops;
  }

  void finish(Findings& findings) override {
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
  void must_be_none() const { must(events_ == 0, "a filter let events through"); }
  void must_be_all() const { must(events_ == 2 * messages_, "events are missing in the trace"); }

  std::int64_t dropped_ = 0;

 private:
  void pass(Counter& counter, std::int64_t count) {
    for (const std::int64_t end = counter.ops + count; counter.ops < end; ++counter.ops) {
      must(channel_.send({counter.ops, 512}) == csp::Outcome::ok, "a send was refused");
      const std::optional<Message> message = channel_.receive();
      must(message && message->offset == counter.ops, "a message is wrong");
    }
  }

  csp::Channel<Message> channel_ = csp::Channel<Message>::make("requests", 1);
  std::int64_t messages_ = 0;
  std::int64_t events_ = 0;
  std::int64_t first_ = 0;
  std::int64_t last_ = 0;
};

template <bool filtered>
class IntoMemory : public Traced {
  void begin() override {
    csp::TraceOptions options;
    if (filtered) options.channels = {"another channel"};
    trace_ = csp::attach(recorder_, options);
  }
  void collect() override {
    for (const csp::Event& event : recorder_->take()) count(event.sequence);
  }
  void end() override { trace_ = {}; }
  void look_back() override {
    collect();
    dropped_ = static_cast<std::int64_t>(recorder_->dropped());
    filtered ? must_be_none() : must_be_all();
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
    {"trace-filtered", 0, [](Numbers) -> Made { return std::make_unique<IntoMemory<true>>(); }},
    {"trace-memory", 0, [](Numbers) -> Made { return std::make_unique<IntoMemory<false>>(); }},
    {"trace-jsonl", 0, [](Numbers) -> Made { return std::make_unique<IntoFile>(); }},
};

}  // namespace

std::span<const Family> trace_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
