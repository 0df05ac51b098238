// SPDX-License-Identifier: Apache-2.0
//
// Runs the lines of streams.hpp. A process called main owns the stream and starts the others; what
// they share is in a Run, in the arena. A call with a result that is not allowed ends the run.
#include "explore/streams.hpp"

#include <asyncstream/async_stream.hpp>
#include <csp/channel.hpp>
#include <csp/process.hpp>
#include <sstream>
#include <stdexcept>

namespace explore {
namespace {

using asyncstream::AsyncStream;
using asyncstream::IoResult;
using asyncstream::StreamReader;
using Clock = std::chrono::steady_clock;

std::byte byte_at(std::size_t offset) { return static_cast<std::byte>(offset * 7 + 1); }

using Words = std::vector<std::string>;

struct Config {
  std::size_t buffer = 0;
  Words source;
  std::vector<Words> threads;
  std::size_t bytes = 0;  // that the source gives
  bool cancels = false;
  bool stops = false;
};

Config parse(const std::string& line) {
  Config config;
  std::istringstream in(line);
  std::string word;
  char colon = 0;
  if (!(in >> word >> config.buffer >> colon) || word != "stream" || colon != ':') {
    throw std::invalid_argument("scenario '" + line + "': begin with 'stream SIZE:'");
  }
  Words* words = &config.source;
  while (in >> word) {
    if (word == "|") {
      words = &config.threads.emplace_back();
      continue;
    }
    if (words == &config.source) {
      if (word.find_first_not_of("0123456789zeftb") != std::string::npos) {
        throw std::invalid_argument("scenario '" + line + "': no such source: " + word);
      }
      if (word[0] >= '0' && word[0] <= '9') config.bytes += std::stoul(word);
    }
    config.cancels |= word == "X";
    config.stops |= word == "x";
    words->push_back(word);
  }
  return config;
}

class ScriptedSource : public asyncstream::Source {
 public:
  ScriptedSource(const Words& script, bool& used) : script_(script), used_(used) {}
  ~ScriptedSource() override { used_ = false; }

  IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    if (at_ == script_.size()) return {0, asyncstream::errc::eof};
    const std::string& word = script_[at_];
    switch (word[0]) {
      case 'z':
        ++at_;
        return {0, {}};
      case 'e':
        return {0, asyncstream::errc::eof};
      case 'f':
        return {0, std::make_error_code(std::errc::io_error)};
      case 't':
        throw std::system_error(std::make_error_code(std::errc::io_error));
      case 'b':
        (void)csp::Channel<void>().receive(stop);  // nil: until stop is requested
        return {0, asyncstream::errc::cancelled};
      default:
        break;
    }
    const std::size_t n = std::min<std::size_t>(into.size(), std::stoul(word) - given_of_word_);
    for (std::size_t i = 0; i < n; ++i) into[i] = byte_at(given_++);
    given_of_word_ += n;
    if (given_of_word_ == std::stoul(word)) {
      ++at_;
      given_of_word_ = 0;
    }
    return {n, {}};
  }

 private:
  const Words& script_;
  bool& used_;
  std::size_t at_ = 0;
  std::size_t given_ = 0;
  std::size_t given_of_word_ = 0;
};

class StreamScenario : public Scenario {
 public:
  explicit StreamScenario(const std::string& line) : line_(line), config_(parse(line)) {}
  std::string name() const override { return line_; }

  void begin(Model& model) override {
    model_ = &model;
    run_ = new Run;
    run_->readers.resize(config_.threads.size());
    run_->offsets.resize(config_.threads.size());
    run_->closed_by_other.resize(config_.threads.size());
    model.spawn("main", [this] { main(); });
  }

  std::string judge(Model& model) override {
    if (std::string asleep = model.asleep_for_ever(); !asleep.empty()) return asleep;
    if (run_->closed != 1) return "of all closes of the stream not just one succeeded";
    return {};
  }

 private:
  struct Run {
    std::unique_ptr<AsyncStream> stream;
    std::vector<StreamReader> readers;
    std::vector<std::size_t> offsets;  // how far each thread has read
    std::stop_source stop;
    std::vector<bool> closed_by_other;
    bool source_alive = true;
    bool failed = false;  // a read has returned an error, or a cancel has returned
    int closed = 0;
  };
  static constexpr Clock::time_point kSomeTime{std::chrono::hours(1)};

  void main() {
    run_->stream = std::make_unique<AsyncStream>(AsyncStream::from_reader(
        config_.buffer, std::make_unique<ScriptedSource>(config_.source, run_->source_alive)));
    {
      std::vector<csp::Process> threads;
      for (std::size_t t = 0; t < config_.threads.size(); ++t) {
        threads.emplace_back("t" + std::to_string(t), [this, t] {
          for (const std::string& word : config_.threads[t]) act(t, word);
          (void)run_->readers[t].close();
        });
      }
    }
    close_stream(false);
    run_->stream.reset();
    run_->readers.clear();
  }

  void act(std::size_t t, const std::string& word) {
    model_->note("calls %s", word.c_str());
    const char how = word.size() > 1 ? word[1] : ' ';
    switch (word[0]) {
      case 'o':
        return open(t, how);
      case 'r':
        return read(t, how);
      case 'w':
        return write_all(t);
      case 'c':
        (void)run_->readers[t].close();
        return;
      case 'k':
        close_other(static_cast<std::size_t>(how - '0'));
        return;
      case 'x':
        csp::detail::seam::global_step("requests stop");
        run_->stop.request_stop();
        return;
      case 'C':
        return close_stream(how == '~');
      case 'X':
        run_->stream->cancel();
        run_->failed = true;
        return;
      default:
        model_->fail("no such call: " + word);
    }
  }

  void close_other(std::size_t t) {
    if (!run_->readers[t].close()) run_->closed_by_other[t] = true;
  }

  void open(std::size_t t, char how) {
    asyncstream::OpenResult opened;
    if (how == '?') {
      opened = run_->stream->try_make_stream_reader("t");
    } else {
      opened =
          run_->stream->make_stream_reader_until(how == '~' ? kSomeTime : csp::kNever, {}, "t");
    }
    const std::error_code e = opened.error;
    const bool in_time = how == '~' || how == '?';
    if (e == std::errc::timed_out || e == std::errc::resource_unavailable_try_again) {
      if (!in_time) model_->fail("open gave up without a deadline");
    } else if (e && e != asyncstream::errc::closed &&
               !(e == asyncstream::errc::cancelled && config_.cancels)) {
      model_->fail("open: " + e.message());
    }
    run_->readers[t] = std::move(opened.reader);
    run_->closed_by_other[t] = false;
  }

  void read(std::size_t t, char how) {
    std::byte bytes[2];
    StreamReader& reader = run_->readers[t];
    const bool no_more = run_->failed || run_->closed_by_other[t];
    IoResult result;
    if (how == '~') {
      result = reader.read_until(bytes, kSomeTime);
    } else if (how == '!') {
      result = reader.read(bytes, run_->stop.get_token());
    } else {
      result = reader.read(bytes);
    }
    if (!result.error && (result.n == 0 || result.n > 2))
      model_->fail("read neither bytes nor error");
    if (result.error && result.n > 0) model_->fail("read bytes with an error");
    if (no_more && result.n > 0) {
      model_->fail("read bytes after a cancel or a close had returned, or an error was read");
    }
    take(t, {bytes, result.n});
    check_end(t, result.error, how);
  }

  struct CheckingSink : asyncstream::Sink {
    CheckingSink(StreamScenario& s, std::size_t thread) : scenario(s), t(thread) {}
    IoResult write(std::span<const std::byte> bytes) override {
      scenario.take(t, bytes);
      return {bytes.size(), {}};
    }
    StreamScenario& scenario;
    std::size_t t;
  };

  void write_all(std::size_t t) {
    CheckingSink sink(*this, t);
    const IoResult result = run_->readers[t].write_to(sink);
    check_end(t, result.error ? result.error : asyncstream::errc::eof, ' ');
  }

  void take(std::size_t t, std::span<const std::byte> bytes) {
    for (const std::byte b : bytes) {
      if (b != byte_at(run_->offsets[t]++)) model_->fail("read a wrong byte");
    }
    if (run_->offsets[t] > config_.bytes) model_->fail("read more than the source gave");
  }

  void check_end(std::size_t t, std::error_code e, char how) {
    if (!e || e == asyncstream::errc::closed) return;  // closed by another thread, or never open
    const bool own = e == std::errc::timed_out || (how == '!' && e == asyncstream::errc::cancelled);
    run_->failed |= e != asyncstream::errc::eof && !own;
    if (e == asyncstream::errc::eof) {
      if (config_.source.back() != "e") model_->fail("an end that the source did not have");
      if (run_->offsets[t] != config_.bytes) model_->fail("the end came before the last byte");
      return;
    }
    const bool fails = config_.source.back() == "f" || config_.source.back() == "t";
    const bool may_be_cancelled = config_.cancels || (how == '!' && config_.stops);
    if (e == std::errc::io_error && fails) return;
    if (e == std::errc::timed_out && how == '~') return;
    if (e == asyncstream::errc::cancelled && may_be_cancelled) return;
    if (e == asyncstream::errc::short_buffer && config_.bytes > config_.buffer) return;
    model_->fail("a read ended with: " + e.message());
  }

  void close_stream(bool in_time) {
    const std::error_code e =
        in_time ? run_->stream->close_for(std::chrono::hours(1)) : run_->stream->close();
    if (!e) {
      ++run_->closed;
      if (run_->source_alive) model_->fail("the stream is closed, and its source still there");
    } else if (e != asyncstream::errc::already_closed && !(in_time && e == std::errc::timed_out)) {
      model_->fail("close of the stream: " + e.message());
    }
  }

  const std::string line_;
  const Config config_;
  Model* model_ = nullptr;
  Run* run_ = nullptr;  // in the arena
};

}  // namespace

std::unique_ptr<Scenario> stream_scenario(const std::string& line) {
  return std::make_unique<StreamScenario>(line);
}

}  // namespace explore
