// SPDX-License-Identifier: Apache-2.0
//
// The player of player.hpp. A call's "return" event follows all other events of its process in the
// step in which it returned: a process makes one call at a time, so it did nothing afterwards.
#include "scenario/player.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <map>
#include <memory>

#include "asyncstream/async_stream.hpp"
#include "asyncstream/memory.hpp"
#include "csp/trace.hpp"
#include "csp/waiting.hpp"
#include "scenario/caller.hpp"
#include "scenario/scripted_source.hpp"

namespace asyncstream::tools {
namespace {

using nlohmann::json;

json error_or_null(std::error_code error) { return error ? json(name_of(error)) : json(nullptr); }

json transferred(std::size_t n, std::error_code error, std::span<const std::byte> bytes) {
  std::array<char, 9> crc32{};
  std::snprintf(crc32.data(), crc32.size(), "%08x", static_cast<unsigned>(csp::crc32(bytes)));
  return {{"n", n}, {"error", error_or_null(error)}, {"crc32", crc32.data()}};
}

/// A sink that takes everything, but lets the stream come to rest after each write. A reader that
/// asks again while slices still come in would meet them in a random order; in the recordings the
/// slices always come first.
class PacedSink : public MemorySink {
 public:
  explicit PacedSink(const csp::Channel<void>& turns) : turns_(turns) {}
  IoResult write(std::span<const std::byte> bytes) override {
    const IoResult result = MemorySink::write(bytes);
    (void)turns_.send();
    return result;
  }

 private:
  const csp::Channel<void>& turns_;
};

class Player {
 public:
  Player(const Scenario& scenario, const Playing& playing)
      : scenario_(scenario),
        playing_(playing),
        feeds_(csp::Channel<Feed>::make("", scenario.steps.size() + 1)),
        attachment_(playing.traced ? csp::attach(recorder_, {.checksums = true})
                                   : csp::Attachment()),
        stream_(make_stream()) {}

  Trace play() {
    for (const Step& step : scenario_.steps) {
      begins_.push_back(std::chrono::steady_clock::now());
      begin(step);
      do {
        if (!csp::wait_until_idle(begins_.back() + playing_.limit)) {
          stuck("did not come to rest within " + std::to_string(playing_.limit.count()) + " ms");
        }
      } while (turns_.try_receive());
      collect_returns();
      check(step);
    }
    Trace trace = events();
    std::move(returns_.begin(), returns_.end(), std::back_inserter(trace));
    sort_canonically(trace);
    return trace;
  }

  /// Ends the calls that still wait: reads and opens by cancel, a close by closing the readers that
  /// it waits for. Returns false if a call does not return even so, since joining its process would
  /// take for ever, or if a process of the stream is left.
  bool let_go() {
    const auto rests = [deadline = std::chrono::steady_clock::now() + playing_.limit] {
      return csp::wait_until_idle(deadline);
    };
    attachment_ = {};
    (void)turns_.close();
    stream_.cancel();
    if (!rests()) return false;  // an open that ends now still fills its reader's slot
    for (auto& [k, reader] : readers_) (void)reader.close();
    return rests() && survivor().empty() &&
           std::all_of(callers_.begin(), callers_.end(), [](const auto& named) {
             return !named.second->busy() || named.second->returned();
           });
  }

 private:
  AsyncStream make_stream() {
    const Options options{.reads = playing_.reads};
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
    if (step.what == Do::end) return feed({step.bytes, error_named(step.error), step.apart});
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

  // These run on the callers' processes. The process that opens a reader makes its slot before the
  // reader's first call; from then on only the reader's own process uses it.
  StreamReader& reader(int k) { return readers_.at(k); }

  json open(int k) {
    OpenResult result = stream_.make_stream_reader_until(StreamReader::Clock::time_point::max());
    if (result.error) return {{"error", error_or_null(result.error)}};
    readers_.at(k) = std::move(result.reader);
    return nullptr;
  }

  json read(int k, std::size_t max) {
    constexpr std::byte kUntouched{0x5a};
    std::vector<std::byte> into(max, kUntouched);
    const IoResult result = reader(k).read(into);
    const auto end = into.begin() + static_cast<std::ptrdiff_t>(std::min(result.n, max));
    json msg = transferred(result.n, result.error, {into.begin(), end});
    const std::span<const std::byte> beyond(end, into.end());
    const auto untouched = std::count(beyond.begin(), beyond.end(), kUntouched);
    if (untouched < std::ssize(beyond)) msg["touched"] = std::ssize(beyond) - untouched;
    return msg;
  }

  json write_to(int k) {
    PacedSink sink(turns_);
    const IoResult result = reader(k).write_to(sink);
    return transferred(result.n, result.error, sink.bytes());
  }

  // Called once, at the end: each call costs two thread switches, which is long on a busy machine.
  // The time of an event tells its step, as nothing happens between rest and the next step.
  Trace events() {
    Trace trace;
    for (const csp::Event& event : recorder_->take()) {
      json entry = json::parse(csp::to_json(event));
      for (const char* key : {"seq", "time", "waited"}) entry.erase(key);
      // Which of its channels the monitor sees closed first is random.
      if (entry["proc"] == "readersMonitor" && entry["op"] == "closed") entry["chan"] = "any";
      const std::chrono::steady_clock::time_point time{std::chrono::nanoseconds(event.time)};
      const auto next = std::upper_bound(begins_.begin(), begins_.end(), time);
      entry["step"] = std::max<std::ptrdiff_t>(next - begins_.begin(), 1);
      trace.push_back(std::move(entry));
    }
    return trace;
  }

  void collect_returns() {
    for (auto& [name, caller] : callers_) {
      std::optional<Caller::Return> result = caller->returned();
      if (!result) continue;
      returns_.push_back(
          {{"step", step()}, {"proc", name}, {"op", "return"}, {"call", result->call}});
      if (!result->msg.is_null()) returns_.back()["msg"] = result->msg;
      if (name == "stream") closed_ = true;
    }
  }

  std::size_t step() const { return begins_.size(); }

  void check(const Step& step) {
    if (const std::string left = survivor(); !left.empty()) {
      stuck("finds " + left + " behind a closed stream");
    }
    if (step.what == Step::Do::feed || step.what == Step::Do::end || step.async) return;
    const auto caller = callers_.find(caller_of(step));
    if (caller == callers_.end() || !caller->second->busy()) return;
    stuck(step.what == Step::Do::await ? "awaits " + caller->first + ", whose call still waits"
                                       : "blocks; give \"async\":true to a call that may");
  }

  /// The process that outlives its closed stream, if one does (D2). All processes are asleep now,
  /// so the list of blocked operations has it.
  std::string survivor() const {
    if (!closed_) return {};
    for (const csp::WaitingProcess& sleeper : csp::waiting().waiting) {
      for (const char* name : {"transfer", "readIntoBuffer", "readersMonitor"}) {
        if (sleeper.process == name) return name;
      }
    }
    return {};
  }

  [[noreturn]] void stuck(const std::string& what) {
    throw StuckStep(scenario_.name + ": step " + std::to_string(step()) + " " + what + "\n" +
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
  std::vector<std::chrono::steady_clock::time_point> begins_;  // of the steps so far
  Trace returns_;
  bool closed_ = false;
};

}  // namespace

Trace play(const Scenario& scenario, const Playing& playing) {
  struct End {
    // If it cannot end, which needs a broken port, it is leaked, so that nothing hangs.
    void operator()(Player* player) const {
      if (player->let_go()) {
        delete player;
      } else {
        *left = true;
      }
    }
    bool* left;
  };
  bool left = false;
  Trace trace;
  try {
    trace = std::unique_ptr<Player, End>(new Player(scenario, playing), {&left})->play();
    if (left) throw StuckStep(scenario.name + ": was played, but cannot be ended\n");
  } catch (StuckStep& e) {
    e.ended = !left;
    throw;
  }
  return trace;
}

}  // namespace asyncstream::tools
