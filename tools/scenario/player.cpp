// SPDX-License-Identifier: Apache-2.0
//
// The player: see player.hpp. A call's "return" event is put behind all other events of its process
// in the step in which it returned: a process makes one call at a time, so it did nothing after.
#include "scenario/player.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "asyncstream/async_stream.hpp"
#include "asyncstream/memory.hpp"
#include "csp/process.hpp"
#include "csp/trace.hpp"
#include "csp/waiting.hpp"
#include "scenario/scripted_source.hpp"

namespace asyncstream::tools {
namespace {

using nlohmann::json;

class ScenarioErrors : public std::error_category {
 public:
  const char* name() const noexcept override { return "scenario"; }
  std::string message(int code) const override {
    std::lock_guard lock(mutex_);
    return names_.at(static_cast<std::size_t>(code));
  }
  std::error_code code(const std::string& name) {
    std::lock_guard lock(mutex_);
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) return names_.push_back(name), std::error_code(last(), *this);
    return {static_cast<int>(found - names_.begin()), *this};
  }

 private:
  int last() const { return static_cast<int>(names_.size()) - 1; }
  mutable std::mutex mutex_;            // a step may add a name while a process shows another
  std::vector<std::string> names_{""};  // 0 is no error
};

json error_or_null(std::error_code error) { return error ? json(name_of(error)) : json(nullptr); }

json transferred(std::size_t n, std::error_code error, std::span<const std::byte> bytes) {
  std::array<char, 9> crc32{};
  std::snprintf(crc32.data(), crc32.size(), "%08x", static_cast<unsigned>(csp::crc32(bytes)));
  return {{"n", n}, {"error", error_or_null(error)}, {"crc32", crc32.data()}};
}

/// A sink that takes everything, but lets the stream come to rest after each write: a reader that
/// asks again while slices still come in would meet them in an order left to chance, and in the
/// recordings the slices are always first.
class PacedSink : public MemorySink {
 public:
  explicit PacedSink(const csp::Channel<void>& turns) : turns_(turns) {}
  ReadResult write(std::span<const std::byte> bytes) override {
    const ReadResult result = MemorySink::write(bytes);
    (void)turns_.send();
    return result;
  }

 private:
  const csp::Channel<void>& turns_;
};

/// Somebody who calls: a process, its calls in, their returns out.
class Caller {
 public:
  using Call = std::function<json()>;  // gives the msg of the return event; null: none

  struct Return {
    std::string call;
    json msg;
  };

  explicit Caller(const std::string& name)
      : calls_(csp::Channel<Named>::make("", 1)),
        returns_(csp::Channel<Return>::make("", 1)),
        process_(name, [this] {
          for (Named& named : calls_) {
            json msg = named.call();
            (void)returns_.send({named.name, std::move(msg)});
          }
        }) {}
  ~Caller() { (void)calls_.close(); }

  bool busy() const { return busy_; }
  void start(const std::string& name, Call call) {
    busy_ = true;
    (void)calls_.send({name, std::move(call)});
  }
  /// The return, once, if the call has returned.
  std::optional<Return> returned() {
    std::optional<Return> value = returns_.try_receive().value;
    if (value) busy_ = false;
    return value;
  }

 private:
  struct Named {
    std::string name;
    Call call;
  };
  csp::Channel<Named> calls_;
  csp::Channel<Return> returns_;
  bool busy_ = false;
  csp::Process process_;
};

class Player {
 public:
  Player(const Scenario& scenario, const Playing& playing)
      : scenario_(scenario),
        playing_(playing),
        feeds_(csp::Channel<Feed>::make("", scenario.steps.size() + 1)),
        attachment_(csp::attach(recorder_, {.checksums = true})),
        stream_(make_stream()) {}

  // Whatever still waits is let go before its process is joined: reads and opens by cancel, a
  // close by closing the readers it waits for.
  ~Player() {
    (void)turns_.close();
    stream_.cancel();
    for (auto& [k, reader] : readers_) (void)reader.close();
    callers_.clear();
  }

  Trace play() {
    for (step_ = 1; step_ <= scenario_.steps.size(); ++step_) {
      const Step& step = scenario_.steps[step_ - 1];
      begin(step);
      const auto deadline = std::chrono::steady_clock::now() + playing_.limit;
      do {
        if (!csp::wait_for_rest(deadline)) {
          stuck("did not come to rest within " + std::to_string(playing_.limit.count()) + " ms");
        }
      } while (turns_.try_receive());
      collect();
      check(step);
    }
    sort_canonically(trace_);
    return std::move(trace_);
  }

 private:
  AsyncStream make_stream() {
    const Options options{.hosting = playing_.hosting};
    switch (scenario_.source) {
      case Scenario::SourceKind::slice: {
        std::vector<std::byte> bytes(scenario_.buffer);
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = source_byte(i);
        return AsyncStream::from_slice(std::move(bytes), options);
      }
      case Scenario::SourceKind::writer_to:
        return AsyncStream::from_reader(scenario_.buffer,
                                        std::make_unique<ScriptedPushSource>(feeds_), options);
      default:
        return AsyncStream::from_reader(scenario_.buffer, std::make_unique<ScriptedSource>(feeds_),
                                        options);
    }
  }

  static std::string caller_of(const Step& step) {
    return step.reader ? "reader" + std::to_string(*step.reader) : "stream";
  }

  void begin(const Step& step) {
    using Do = Step::Do;
    if (step.what == Do::feed) return feed({step.bytes, {}});
    if (step.what == Do::end) return feed({step.bytes, error_named(step.error)});
    if (step.what == Do::await) return;

    std::unique_ptr<Caller>& caller = callers_[caller_of(step)];
    if (!caller) caller = std::make_unique<Caller>(caller_of(step));
    if (caller->busy()) stuck("calls " + caller_of(step) + ", whose last call has not returned");
    switch (step.what) {
      case Do::open:
        return caller->start("open", [this, k = *step.reader] { return open(k); });
      case Do::read:
        return caller->start("read",
                             [this, k = *step.reader, max = step.max] { return read(k, max); });
      case Do::write_to:
        return caller->start("write_to", [this, k = *step.reader] { return write_to(k); });
      case Do::close_reader:
        return caller->start("close", [this, k = *step.reader] {
          return json{{"error", error_or_null(reader(k).close())}};
        });
      default:
        return caller->start("close", [this] {
          return json{{"error", error_or_null(stream_.close())}};
        });
    }
  }

  void feed(Feed feed) { (void)feeds_.send(std::move(feed)); }

  // These run on the callers' processes. A reader's slot is made before its first call, by
  // whoever opens it, and used by its own process only.
  StreamReader& reader(int k) { return readers_.at(k); }

  json open(int k) {
    OpenResult result = stream_.make_stream_reader_until(StreamReader::Clock::time_point::max());
    if (result.error) return {{"error", error_or_null(result.error)}};
    readers_.at(k) = std::move(result.reader);
    return nullptr;
  }

  json read(int k, std::size_t max) {
    std::vector<std::byte> into(max);
    const ReadResult result = reader(k).read(into);
    return transferred(result.n, result.error, std::span(into).first(result.n));
  }

  json write_to(int k) {
    PacedSink sink(turns_);
    const ReadResult result = reader(k).write_to(sink);
    return transferred(result.n, result.error, sink.bytes());
  }

  void collect() {
    for (const csp::Event& event : recorder_->take()) {
      json entry = json::parse(csp::to_json(event));
      for (const char* key : {"seq", "time", "waited"}) entry.erase(key);
      // Which of its channels the monitor sees closed first is a matter of chance.
      if (entry["proc"] == "readersMonitor" && entry["op"] == "closed") entry["chan"] = "any";
      entry["step"] = step_;
      trace_.push_back(std::move(entry));
    }
    for (auto& [name, caller] : callers_) {
      std::optional<Caller::Return> result = caller->returned();
      if (!result) continue;
      json entry{{"step", step_}, {"proc", name}, {"op", "return"}, {"call", result->call}};
      if (!result->msg.is_null()) entry["msg"] = result->msg;
      trace_.push_back(std::move(entry));
    }
  }

  void check(const Step& step) {
    if (step.what == Step::Do::feed || step.what == Step::Do::end || step.async) return;
    const auto caller = callers_.find(caller_of(step));
    if (caller == callers_.end() || !caller->second->busy()) return;
    stuck(step.what == Step::Do::await ? "awaits " + caller->first + ", whose call still waits"
                                       : "blocks (\"async\":true is for calls that may)");
  }

  [[noreturn]] void stuck(const std::string& what) {
    throw StuckStep(scenario_.name + ": step " + std::to_string(step_) + " " + what + "\n" +
                    csp::to_text(csp::waiting()));
  }

  static std::map<int, StreamReader> slots(const Scenario& scenario) {
    std::map<int, StreamReader> readers;
    for (const Step& step : scenario.steps) {
      if (step.reader) readers.try_emplace(*step.reader);
    }
    return readers;
  }

  const Scenario& scenario_;
  const Playing playing_;
  const csp::Channel<Feed> feeds_;
  const csp::Channel<void> turns_ = csp::Channel<void>::make("");
  const std::shared_ptr<csp::MemoryRecorder> recorder_ = std::make_shared<csp::MemoryRecorder>();
  csp::Attachment attachment_;
  AsyncStream stream_;
  std::map<int, StreamReader> readers_ = slots(scenario_);
  std::map<std::string, std::unique_ptr<Caller>> callers_;
  std::size_t step_ = 0;
  Trace trace_;
};

}  // namespace

std::error_code error_named(const std::string& name) {
  for (int code = static_cast<int>(errc::eof); code <= static_cast<int>(errc::no_progress);
       ++code) {
    const std::error_code known = static_cast<errc>(code);
    if (name_of(known) == name) return known;
  }
  static ScenarioErrors category;
  return category.code(name);
}

Trace play(const Scenario& scenario, const Playing& playing) {
  return Player(scenario, playing).play();
}

}  // namespace asyncstream::tools
