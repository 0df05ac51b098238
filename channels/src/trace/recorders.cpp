// SPDX-License-Identifier: Apache-2.0
//
// The recorders that come with the library: memory, a file of JSON Lines, and a spdlog logger; and
// CSP_TRACE, the environment variable that attaches one without any code.
#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <utility>

#include "csp/spdlog.hpp"
#include "csp/trace.hpp"
#include "trace/engine.hpp"

namespace csp {

void Recorder::dropped(std::uint64_t) {}

struct MemoryRecorder::State {
  mutable std::mutex mutex;
  std::vector<Event> events;
  std::uint64_t dropped = 0;
};

MemoryRecorder::MemoryRecorder() : state_(std::make_unique<State>()) {}
MemoryRecorder::~MemoryRecorder() = default;

void MemoryRecorder::record(const Event& event) {
  std::lock_guard lock(state_->mutex);
  state_->events.push_back(event);
  state_->dropped += event.dropped;
}

void MemoryRecorder::dropped(std::uint64_t count) {
  std::lock_guard lock(state_->mutex);
  state_->dropped += count;
}

std::vector<Event> MemoryRecorder::take() {
  flush_trace();
  std::vector<Event> events;
  std::lock_guard lock(state_->mutex);
  events.reserve(state_->events.size());  // the next trace is likely as long
  events.swap(state_->events);
  return events;
}

std::uint64_t MemoryRecorder::dropped() const {
  std::lock_guard lock(state_->mutex);
  return state_->dropped;
}

namespace {

std::string dropped_as_json(std::uint64_t count) {
  return std::string("{\"dropped\":").append(std::to_string(count)).append("}");
}

// Uses no stdio, whose buffered output a child of fork would write a second time at its exit.
class JsonLinesFile : public Recorder {
 public:
  explicit JsonLinesFile(const std::string& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
    if (fd_ < 0) fail();
  }
  ~JsonLinesFile() override { ::close(fd_); }
  JsonLinesFile(const JsonLinesFile&) = delete;
  JsonLinesFile& operator=(const JsonLinesFile&) = delete;

  void record(const Event& event) override { write(to_json(event)); }
  void dropped(std::uint64_t count) override { write(dropped_as_json(count)); }
  void flush() override {
    const std::string lines = std::exchange(lines_, {});
    for (std::size_t done = 0; done < lines.size();) {
      const ssize_t n = ::write(fd_, lines.data() + done, lines.size() - done);
      if (n < 0 && errno != EINTR) fail();
      if (n > 0) done += static_cast<std::size_t>(n);
    }
  }

 private:
  void write(const std::string& line) {
    constexpr std::size_t kEnough = 1 << 16;
    lines_.append(line) += '\n';
    if (lines_.size() >= kEnough) flush();
  }
  [[noreturn]] void fail() const {
    throw std::system_error(errno, std::generic_category(), "cannot write the trace " + path_);
  }

  const std::string path_;
  const int fd_;
  std::string lines_;  // not written yet
};

class LogRecorder : public Recorder {
 public:
  LogRecorder(std::shared_ptr<spdlog::logger> logger, LogFormat format)
      : logger_(std::move(logger)), format_(format) {}
  void record(const Event& event) override {
    log(format_ == LogFormat::json ? to_json(event) : to_text(event));
  }
  void dropped(std::uint64_t count) override {
    log(format_ == LogFormat::json ? dropped_as_json(count)
                                   : std::to_string(count).append(" events dropped"));
  }
  void flush() override { logger_->flush(); }

 private:
  void log(std::string_view line) {
    logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
  }

  std::shared_ptr<spdlog::logger> logger_;
  LogFormat format_;
};

/// Attaches what CSP_TRACE asks for: `text` or `json:FILE`, then any number of `;channel=NAME` and
/// `;process=NAME`.
Attachment from_environment(const std::string& setting) {
  TraceOptions options;
  std::string target;
  for (std::size_t at = 0; at <= setting.size();) {
    const std::size_t end = std::min(setting.find(';', at), setting.size());
    const std::string part = setting.substr(at, end - at);
    if (at == 0) {
      target = part;
    } else if (part.starts_with("channel=") && part.size() > 8) {
      options.channels.push_back(part.substr(8));
    } else if (part.starts_with("process=") && part.size() > 8) {
      options.processes.push_back(part.substr(8));
    } else {
      target.clear();
    }
    at = end + 1;
    if (target.empty()) break;
  }
  try {
    if (target == "text") {
      auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
      auto logger = std::make_shared<spdlog::logger>("csp", std::move(sink));
      return attach(spdlog_recorder(std::move(logger)), std::move(options));
    }
    if (target.starts_with("json:") && target.size() > 5) {
      return attach(json_lines_file(target.substr(5)), std::move(options));
    }
    std::fprintf(stderr,
                 "warning: CSP_TRACE=%s is not understood, nothing is traced; use text or "
                 "json:FILE, then ;channel=NAME or ;process=NAME to filter\n",
                 setting.c_str());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "warning: CSP_TRACE: %s; nothing is traced\n", e.what());
  }
  return {};
}

}  // namespace

namespace detail {

// The attachment ends at exit, which flushes. Nothing is created when the variable is not set
// (C48).
bool trace_from_environment() {
  // Ignored in a program with raised privileges, where a user could otherwise overwrite any file.
  const char* const setting = secure_getenv("CSP_TRACE");
  if (!setting || !*setting) return false;
  static Attachment attachment = from_environment(setting);
  return true;
}

}  // namespace detail

std::shared_ptr<Recorder> json_lines_file(const std::string& path) {
  return std::make_shared<JsonLinesFile>(path);
}

std::shared_ptr<Recorder> spdlog_recorder(std::shared_ptr<spdlog::logger> logger,
                                          LogFormat format) {
  if (!logger) throw std::invalid_argument("csp: spdlog_recorder needs a logger, not null");
  return std::make_shared<LogRecorder>(std::move(logger), format);
}

}  // namespace csp
