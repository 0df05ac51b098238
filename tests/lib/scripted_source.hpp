// SPDX-License-Identifier: Apache-2.0
//
// Sources that do what a test tells them, act by act, through a channel. A test that keeps the
// channel feeds the source while the stream runs; a test that passes a script() states everything
// beforehand. A source without an act waits, shown as "recv feed" in the list of blocked
// operations, until it is fed, the channel is closed (the end) or stop is requested.
#pragma once

#include <algorithm>
#include <asyncstream/io.hpp>
#include <csp/channel.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace support {

/// One read, or more if the bytes do not fit into one: these bytes, and with the last of them this
/// error; or an exception. With neither bytes nor error, the read returns nothing.
struct Act {
  std::vector<std::byte> bytes = {};
  std::error_code error = {};
  std::size_t claims_more = 0;  // the source claims this many bytes more than it gave
  std::exception_ptr throws = nullptr;
};
using Feed = csp::Channel<Act>;

inline Feed make_feed(std::size_t capacity = 0) { return Feed::make("feed", capacity); }

/// All acts, and then the end.
inline Feed script(std::vector<Act> acts) {
  const Feed feed = make_feed(acts.size());
  for (Act& act : acts) (void)feed.send(std::move(act));
  (void)feed.close();
  return feed;
}

class ScriptedSource : public asyncstream::Source {
 public:
  explicit ScriptedSource(Feed feed) : feed_(std::move(feed)) {}

  asyncstream::IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    if (!act_) {
      csp::Received<Act> next = feed_.receive(stop);
      if (next.outcome == csp::Outcome::cancelled) return {0, asyncstream::errc::cancelled};
      if (next.outcome == csp::Outcome::closed) return {0, asyncstream::errc::eof};
      act_ = std::move(next.value);
      done_ = 0;
    }
    if (act_->throws) std::rethrow_exception(act_->throws);
    const std::size_t n = std::min(into.size(), act_->bytes.size() - done_);
    std::copy_n(act_->bytes.begin() + static_cast<std::ptrdiff_t>(done_), n, into.begin());
    done_ += n;
    if (done_ < act_->bytes.size()) return {n, {}};
    const Act act = *std::exchange(act_, std::nullopt);
    return {n + act.claims_more, act.error};
  }

 private:
  Feed feed_;
  std::optional<Act> act_;
  std::size_t done_ = 0;
};

/// Whether a push source checks what the sink returns, as it should.
enum class Manners { checks, ignores };

/// The same acts, pushed: each act's bytes are one write.
class ScriptedPush : public asyncstream::PushSource {
 public:
  explicit ScriptedPush(Feed feed, Manners manners = Manners::checks)
      : feed_(std::move(feed)), manners_(manners) {}

  asyncstream::IoResult read(std::span<std::byte>, std::stop_token) override {
    return {0, asyncstream::errc::unexpected_eof};  // never called: the stream prefers write_to
  }
  asyncstream::IoResult write_to(asyncstream::Sink& sink, std::stop_token stop) override {
    std::size_t claimed = 0;
    while (true) {
      const csp::Received<Act> next = feed_.receive(stop);
      if (next.outcome == csp::Outcome::cancelled) return {claimed, asyncstream::errc::cancelled};
      if (next.outcome == csp::Outcome::closed) return {claimed, {}};
      const Act& act = *next.value;
      if (act.throws) std::rethrow_exception(act.throws);
      const asyncstream::IoResult taken = sink.write(act.bytes);
      claimed += act.bytes.size() + act.claims_more;
      if (manners_ == Manners::checks && taken.error) return {claimed, taken.error};
      if (act.error) return {claimed, act.error};
    }
  }

 private:
  Feed feed_;
  Manners manners_;
};

/// A source that is a function.
class FunctionSource : public asyncstream::Source {
 public:
  using Function =
      std::function<asyncstream::IoResult(std::span<std::byte>, const std::stop_token&)>;
  explicit FunctionSource(Function function) : function_(std::move(function)) {}
  asyncstream::IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    return function_(into, stop);
  }

 private:
  Function function_;
};

/// A sink that is a function.
class FunctionSink : public asyncstream::Sink {
 public:
  using Function = std::function<asyncstream::IoResult(std::span<const std::byte>)>;
  explicit FunctionSink(Function function) : function_(std::move(function)) {}
  asyncstream::IoResult write(std::span<const std::byte> bytes) override {
    return function_(bytes);
  }

 private:
  Function function_;
};

inline std::unique_ptr<asyncstream::Source> pulled(Feed feed) {
  return std::make_unique<ScriptedSource>(std::move(feed));
}
inline std::unique_ptr<asyncstream::Source> pushed(Feed feed, Manners manners = Manners::checks) {
  return std::make_unique<ScriptedPush>(std::move(feed), manners);
}
inline std::unique_ptr<asyncstream::Source> source_of(FunctionSource::Function function) {
  return std::make_unique<FunctionSource>(std::move(function));
}

}  // namespace support
