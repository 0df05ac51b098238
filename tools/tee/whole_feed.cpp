// SPDX-License-Identifier: Apache-2.0
//
// The whole source in one stream; see whole_feed.hpp.
#include "tee/whole_feed.hpp"

#include <utility>

namespace asyncstream::tools::tee {
namespace {

/// The source, once it may be read.
class GatedSource final : public Source {
 public:
  GatedSource(std::unique_ptr<Source> source, csp::Receiver<void> go)
      : source_(std::move(source)), go_(std::move(go)) {}

  IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    if (go_ && go_.receive(stop).outcome != csp::Outcome::closed) return {0, errc::cancelled};
    go_ = {};
    return source_->read(into, std::move(stop));
  }

 private:
  const std::unique_ptr<Source> source_;
  csp::Receiver<void> go_;
};

class WholeTap final : public Tap {
 public:
  explicit WholeTap(StreamReader reader) : reader_(std::move(reader)) {}
  View next(const std::stop_token& stop) override { return next_of(reader_, stop); }

 private:
  StreamReader reader_;
};

}  // namespace

View next_of(StreamReader& reader, const std::stop_token& stop) {
  constexpr std::size_t kBlock = 256 * 1024;
  // A read of nothing waits at the frontier, and can be stopped.
  if (const IoResult waited = reader.read({}, stop); waited.error) return {{}, waited.error};
  return reader.view(kBlock);
}

WholeFeed::WholeFeed(std::unique_ptr<Source> source, std::size_t buffer, std::size_t sinks,
                     std::string spill)
    : stream_(AsyncStream::from_reader(
          buffer, std::make_unique<GatedSource>(std::move(source), go_),
          {.max_readers = sinks, .drain_before_error = true, .spill = std::move(spill)})) {}

WholeFeed::~WholeFeed() = default;

std::unique_ptr<Tap> WholeFeed::tap(std::string_view name) {
  return std::make_unique<WholeTap>(stream_.make_stream_reader(name));
}

}  // namespace asyncstream::tools::tee
