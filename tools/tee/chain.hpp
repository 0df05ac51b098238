// SPDX-License-Identifier: Apache-2.0
//
// Chain: a feed for a source of any length in bounded memory. It is a row of streams, each of them
// a segment of the source; a process makes one when the segment before it is full, hands a reader
// of it to each tap, and closes those that every sink has read: to close waits for the last reader.
// When as many as the buffer has room for are open, it waits for the oldest, and so for the slowest
// sink; the source is not read meanwhile.
//
// A segment's source says errc::short_buffer when the segment is full: the source is longer than
// this. Any other status is the source's own, and the segment the last.
#pragma once

#include <cstdint>
#include <deque>
#include <stop_token>
#include <vector>

#include "asyncstream/async_stream.hpp"
#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "csp/watch.hpp"
#include "tee/feed.hpp"

namespace asyncstream::tools::tee {

/// How the source ended, as a watch can carry it.
struct ChainStatus {
  const std::error_category* category = nullptr;
  int code = 0;
};

class Chain final : public Feed {
 public:
  /// Keeps at most `buffer` bytes, but no less than 128 KiB.
  Chain(std::unique_ptr<Source> source, std::size_t buffer);
  ~Chain() override;

  std::unique_ptr<Tap> tap(std::string_view name) override;
  void start() override { (void)go_.close(); }
  void cancel() override { (void)stop_.request_stop(); }
  std::size_t position() const override;
  std::error_code status() const override;
  bool is_held() const override { return held_.latest().value_or(false); }

 private:
  class Segment;
  class ChainTap;

  void run();
  std::error_code pull_segment();
  void make_room();

  const std::unique_ptr<Source> source_;
  std::size_t most_;          // segments open at once
  std::size_t segment_size_;  // bytes
  std::vector<csp::Channel<StreamReader>> taps_;
  std::stop_source stop_;
  const csp::Channel<void> go_ = csp::Channel<void>::make("");  // closed: the source may be read

  csp::Watch<std::size_t> position_{0};  // by the readIntoBuffer of the last segment
  csp::Watch<ChainStatus> source_status_{ChainStatus{}};  // by that one, too
  csp::Watch<ChainStatus> status_{ChainStatus{}};         // by the process
  csp::Watch<bool> held_{false};

  std::deque<AsyncStream> segments_;  // oldest first; the process's own
  csp::Process process_;
};

}  // namespace asyncstream::tools::tee
