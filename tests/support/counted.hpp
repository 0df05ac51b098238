// SPDX-License-Identifier: Apache-2.0
//
// Counted is an element that counts what is done to it. A test makes a Tally and elements that
// report to it. At the end `live` is 0 if each was destroyed exactly once; `moves` and `copies` are
// the cost of each hop (C41); `destroyed` is the order in which undelivered values were destroyed
// (C43). A moved-from element counts as live until it is destroyed, but does not appear in
// `destroyed`, because it holds nothing.
#pragma once

#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

namespace support {

struct Tally {
  std::atomic<int> live{0};
  std::atomic<int> moves{0};
  std::atomic<int> copies{0};

  void record_destroyed(int id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    destroyed_.push_back(id);
  }
  std::vector<int> destroyed() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return destroyed_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<int> destroyed_;
};

class Counted {
 public:
  Counted(Tally& tally, int id) : tally_(&tally), id_(id) { ++tally_->live; }
  Counted(const Counted& other) : tally_(other.tally_), id_(other.id_) {
    ++tally_->live;
    ++tally_->copies;
  }
  Counted(Counted&& other) noexcept
      : tally_(other.tally_), id_(std::exchange(other.id_, kMovedFrom)) {
    ++tally_->live;
    ++tally_->moves;
  }
  Counted& operator=(const Counted&) = delete;
  Counted& operator=(Counted&&) = delete;
  ~Counted() {
    if (id_ != kMovedFrom) tally_->record_destroyed(id_);
    --tally_->live;
  }

  int id() const { return id_; }
  bool moved_from() const { return id_ == kMovedFrom; }

 private:
  static constexpr int kMovedFrom = -1;
  Tally* tally_;
  int id_;
};

}  // namespace support
