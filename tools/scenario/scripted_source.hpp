// SPDX-License-Identifier: Apache-2.0
//
// A source that does what a scenario's feed and end steps tell it. The script arrives on a private
// channel, so "the source waits for a feed" is a process asleep like any other. From that the
// player knows that a step has come to rest.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "asyncstream/io.hpp"
#include "csp/channel.hpp"
#include "scenario/scenario.hpp"

namespace asyncstream::tools {

struct Feed {
  std::size_t bytes = 0;
  std::error_code end;  // with an error: these are the last bytes, and it comes with them,
  bool apart = false;   // or with the next read
};

/// An error of the scenario's own, whose message is its name. The library's names give its codes.
std::error_code error_named(const std::string& name);

class ScriptedSource : public Source {
 public:
  explicit ScriptedSource(csp::Receiver<Feed> feeds) : feeds_(std::move(feeds)) {}

  IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    if (left_.bytes == 0 && !ended_) {
      csp::Received<Feed> feed = feeds_.receive(stop);
      if (!feed) return {0, errc::cancelled};
      left_ = *feed.value;
      ended_ = static_cast<bool>(left_.end);
    }
    const std::size_t n = std::min(left_.bytes, into.size());
    for (std::size_t i = 0; i < n; ++i) into[i] = source_byte(position_ + i);
    position_ += n;
    left_.bytes -= n;
    const bool more = left_.bytes > 0 || (left_.apart && n > 0);
    return {n, more ? std::error_code() : left_.end};
  }

 private:
  csp::Receiver<Feed> feeds_;
  Feed left_;
  bool ended_ = false;
  std::size_t position_ = 0;
};

class ScriptedPushSource : public PushSource {
 public:
  explicit ScriptedPushSource(csp::Receiver<Feed> feeds) : feeds_(std::move(feeds)) {}

  IoResult read(std::span<std::byte>, std::stop_token) override {
    return {0, errc::invalid_source};  // never called: a push source is drained by write_to
  }

  IoResult write_to(Sink& sink, std::stop_token stop) override {
    std::size_t written = 0;
    while (true) {
      const csp::Received<Feed> feed = feeds_.receive(stop);
      if (!feed) return {written, errc::cancelled};
      std::vector<std::byte> bytes(feed.value->bytes);
      for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = source_byte(written + i);
      const IoResult result = sink.write(bytes);
      written += result.n;
      if (result.n < bytes.size()) return {written, errc::short_write};
      if (feed.value->end) return {written, feed.value->end};
    }
  }

 private:
  csp::Receiver<Feed> feeds_;
};

}  // namespace asyncstream::tools
