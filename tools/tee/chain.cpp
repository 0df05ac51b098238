// SPDX-License-Identifier: Apache-2.0
//
// Segments, one after the other; see chain.hpp.
#include "tee/chain.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "tee/latest.hpp"
#include "tee/whole_feed.hpp"

namespace asyncstream::tools::tee {
namespace {

constexpr std::size_t kLeastSegment = std::size_t{64} << 10;
constexpr std::size_t kGreatestSegment = std::size_t{64} << 20;
constexpr std::size_t kSegments = 16;  // as many as the buffer is divided into

}  // namespace

/// A part of the source, as the source of a stream.
class Chain::Segment final : public Source {
 public:
  explicit Segment(Chain& chain) : chain_(chain), left_(chain.segment_size_) {}

  IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    if (left_ == 0) return {0, errc::short_buffer};
    const IoResult result =
        chain_.source_->read(into.first(std::min(into.size(), left_)), std::move(stop));
    left_ -= std::min(result.n, left_);
    if (result.n > 0) chain_.position_.post(chain_.position() + result.n);
    // Before any sink hears of it.
    if (result.error) {
      chain_.source_status_.post({&result.error.category(), result.error.value()});
    }
    return result;
  }

 private:
  Chain& chain_;
  std::size_t left_;
};

class Chain::ChainTap final : public Tap {
 public:
  ChainTap(const Chain& chain, csp::Channel<StreamReader> segments)
      : chain_(chain), segments_(std::move(segments)) {}

  /// The readers that wait in the channel would keep their segments open.
  ~ChainTap() override {
    (void)segments_.close();
    while (segments_.receive()) continue;
  }

  View next(const std::stop_token& stop) override {
    while (true) {
      if (!open_) {
        csp::Received<StreamReader> segment = segments_.receive(stop);
        if (segment.outcome == csp::Outcome::cancelled) return {{}, errc::cancelled};
        if (segment.outcome == csp::Outcome::closed) return {{}, chain_.status()};
        current_ = std::move(*segment.value);
        open_ = true;
      }
      const View view = next_of(current_, stop);
      if (view.error != errc::short_buffer) return view;
      (void)current_.close();
      open_ = false;
    }
  }

 private:
  const Chain& chain_;
  const csp::Channel<StreamReader> segments_;
  StreamReader current_;
  bool open_ = false;
};

Chain::Chain(std::unique_ptr<Source> source, std::size_t buffer)
    : source_(std::move(source)),
      segment_size_(std::clamp(buffer / kSegments, kLeastSegment, kGreatestSegment)) {
  most_ = std::max<std::size_t>(buffer / segment_size_, 2);
  process_ = csp::Process("segments", [this] { run(); });
}

Chain::~Chain() {
  cancel();
  start();
  process_.join();
}

std::unique_ptr<Tap> Chain::tap(std::string_view) {
  // A place for a reader of each segment that can be open: handing it over never waits.
  taps_.push_back(csp::Channel<StreamReader>::make("", most_));
  return std::make_unique<ChainTap>(*this, taps_.back());
}

std::size_t Chain::position() const { return latest(position_); }

std::error_code Chain::status() const {
  ChainStatus status = latest(source_status_);
  if (!status.category) status = latest(status_);
  return status.category ? std::error_code(status.code, *status.category) : std::error_code();
}

void Chain::run() {
  (void)go_.receive();
  std::error_code status = errc::short_buffer;
  try {
    while (status == errc::short_buffer) status = pull_segment();
  } catch (const std::bad_alloc&) {
    status = std::make_error_code(std::errc::not_enough_memory);
  } catch (const std::system_error& error) {  // no thread
    status = error.code();
  }
  status_.post({&status.category(), status.value()});
  // One that could be made only in part has readers, and they are to hear the same.
  if (!segments_.empty()) segments_.back().cancel(status);
  for (const csp::Channel<StreamReader>& tap : taps_) (void)tap.close();
  while (!segments_.empty()) {
    (void)segments_.front().close();
    segments_.pop_front();
  }
}

std::error_code Chain::pull_segment() {
  make_room();
  if (stop_.stop_requested()) return errc::cancelled;
  AsyncStream& segment = segments_.emplace_back(
      AsyncStream::from_reader(segment_size_, std::make_unique<Segment>(*this),
                               {.max_readers = taps_.size() + 1, .drain_before_error = true}));
  for (const csp::Channel<StreamReader>& tap : taps_) {
    (void)tap.try_send(segment.make_stream_reader());  // closed: that sink has ended
  }
  // A reader beyond all bytes is answered with the status alone.
  StreamReader end = segment.make_stream_reader();
  end.seek(segment_size_);
  const IoResult ended = end.read({}, stop_.get_token());
  if (stop_.stop_requested()) segment.cancel();
  return ended.error;
}

void Chain::make_room() {
  const auto close_oldest = [this](std::chrono::milliseconds patience) {
    if (segments_.front().close_for(patience)) return false;
    segments_.pop_front();
    return true;
  };
  while (!segments_.empty() && close_oldest(std::chrono::milliseconds::zero())) continue;
  if (segments_.size() < most_) return;
  held_.post(true);
  while (!close_oldest(std::chrono::hours(1))) continue;
  held_.post(false);
}

}  // namespace asyncstream::tools::tee
