// SPDX-License-Identifier: Apache-2.0
//
// Workloads that the library's own are compared with, and the limits of the machine:
//
//   broadcast       the design without messages: a buffer behind a mutex and a condition variable
//   live-broadcast  the same, each block written when all have read the previous one
//   copy, fair-copy the bare copy of the same bytes; with each copy timed
//   hand-over       one thread wakes another, sleeps, and is woken by it
#include <semaphore.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>

#include "bench/workload.hpp"
#include "csp/process.hpp"

namespace asyncstream::tools::bench {
namespace {

/// A buffer that grows at its end and is read at any offset, by any number of readers: asyncbuf's
/// design. The bytes are copied after the mutex is released, since written bytes do not move.
class Broadcast {
 public:
  explicit Broadcast(std::size_t capacity)
      : capacity_(capacity), bytes_(std::make_unique_for_overwrite<std::byte[]>(capacity)) {}

  void write(std::span<const std::byte> bytes) {
    must(bytes.size() <= capacity_ - written_, "a broadcast buffer is full");
    std::ranges::copy(bytes, bytes_.get() + written_);
    const std::lock_guard lock(mutex_);
    written_ += bytes.size();
    changed_.notify_all();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  /// Waits until there are bytes at the offset; 0 means the end.
  std::size_t read(std::size_t offset, std::span<std::byte> into) {
    std::size_t written = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return offset < written_ || ended_; });
      written = written_;
    }
    const std::size_t n = std::min(written - std::min(offset, written), into.size());
    if (n > 0) std::memcpy(into.data(), bytes_.get() + offset, n);
    return n;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  const std::size_t capacity_;
  const std::unique_ptr<std::byte[]> bytes_;
  std::size_t written_ = 0;
  bool ended_ = false;
};

class BroadcastRead : public Workload {
 public:
  BroadcastRead(std::size_t size, std::size_t readers) : size_(size), readers_(readers) {
    buffer_.write(filled(kStreamSize));
    buffer_.end();
  }
  std::size_t workers() const override { return readers_; }
  void work(Counter& counter) override {
    std::vector<std::byte> into(size_);
    std::size_t offset = 0;
    while (true) {
      const std::size_t n = buffer_.read(offset, into);
      if (n == 0) {
        must(offset == kStreamSize, "a buffer ended early");
        offset = 0;
        continue;
      }
      must_be_block(std::span(into).first(n), offset);
      offset += n;
      if (!counter.more(n)) break;
    }
  }

 private:
  std::size_t size_;
  std::size_t readers_;
  Broadcast buffer_{kStreamSize};
};

/// `live` without messages: all readers wait for each block, and the writer, which is the worker,
/// waits for all of them.
class LiveBroadcast : public Workload {
 public:
  LiveBroadcast(std::size_t size, std::size_t readers) : block_(filled(size)), readers_(readers) {}

  void work(Counter& counter) override {
    do {
      const std::size_t blocks = std::max<std::size_t>(1, kStreamSize / block_.size());
      Broadcast buffer(blocks * block_.size());
      std::atomic<std::size_t> read{0};
      std::vector<csp::Process> processes;
      for (std::size_t i = 0; i < readers_; ++i) {
        processes.emplace_back("reader", [&] { read_all(buffer, read); });
      }
      for (std::size_t written = 0; written < blocks && (written == 0 || !counter.done());) {
        buffer.write(block_);
        ++written;
        std::unique_lock lock(mutex_);
        all_have_read_.wait(lock, [&] { return read_by_all_ == written; });
        counter.ops += static_cast<std::int64_t>(readers_);
        counter.bytes += static_cast<std::int64_t>(readers_ * block_.size());
      }
      buffer.end();
      for (csp::Process& process : processes) process.join();
      read_by_all_ = 0;
    } while (!counter.done());
  }

 private:
  void read_all(Broadcast& buffer, std::atomic<std::size_t>& read) {
    std::vector<std::byte> into(block_.size());
    for (std::size_t offset = 0; const std::size_t n = buffer.read(offset, into); offset += n) {
      must(n == block_.size(), "a block came in parts");
      must_be_block(into, 0);
      // acq_rel: the last reader's wake-up carries what all readers did before it.
      if ((read.fetch_add(1, std::memory_order_acq_rel) + 1) % readers_ == 0) {
        const std::lock_guard lock(mutex_);
        ++read_by_all_;
        all_have_read_.notify_one();
      }
    }
  }

  std::vector<std::byte> block_;
  std::size_t readers_;
  std::mutex mutex_;
  std::condition_variable all_have_read_;
  std::size_t read_by_all_ = 0;  // blocks
};

template <bool timed>
class Copy : public Workload {
 public:
  Copy(std::size_t size, std::size_t threads) : size_(size), threads_(threads) {}
  std::size_t workers() const override { return threads_; }
  void work(Counter& counter) override {
    std::vector<std::byte> into(size_);
    std::size_t offset = 0;
    std::size_t n = 0;
    do {
      n = std::min(size_, kStreamSize - offset);
      const auto copy = [&] { return std::memcpy(into.data(), memory_.data() + offset, n); };
      if constexpr (timed) {
        counter.timed(copy);
      } else {
        copy();
      }
      must_be_block(std::span(into).first(n), offset);
      offset = (offset + n) % kStreamSize;
    } while (counter.more(n));
  }

 private:
  std::size_t size_;
  std::size_t threads_;
  std::vector<std::byte> memory_ = filled(kStreamSize);
};

/// POSIX semaphores: one futex each, and no spinning before the sleep.
class HandOver : public Workload {
 public:
  void work(Counter& counter) override {
    do {
      sem_post(&there_.semaphore);
      must(sem_wait(&back_.semaphore) == 0, "a semaphore failed");
    } while (counter.more(0));
  }
  void finish(Findings&) override {
    over_ = true;
    sem_post(&there_.semaphore);
    other_.join();
  }

 private:
  struct alignas(128) Semaphore {
    Semaphore() { sem_init(&semaphore, 0, 0); }
    Semaphore(const Semaphore&) = delete;
    ~Semaphore() { sem_destroy(&semaphore); }
    sem_t semaphore;
  };

  Semaphore there_;
  Semaphore back_;
  bool over_ = false;  // handed over by there_
  csp::Process other_{"other", [this] {
                        while (sem_wait(&there_.semaphore) == 0 && !over_) {
                          sem_post(&back_.semaphore);
                        }
                      }};
};

using Made = std::unique_ptr<Workload>;

constexpr Family kFamilies[] = {
    {"broadcast", 2, [](Numbers n) -> Made { return std::make_unique<BroadcastRead>(n[0], n[1]); }},
    {"live-broadcast", 2,
     [](Numbers n) -> Made { return std::make_unique<LiveBroadcast>(n[0], n[1]); }},
    {"copy", 2, [](Numbers n) -> Made { return std::make_unique<Copy<false>>(n[0], n[1]); }},
    {"fair-copy", 2, [](Numbers n) -> Made { return std::make_unique<Copy<true>>(n[0], n[1]); }},
    {"hand-over", 0, [](Numbers) -> Made { return std::make_unique<HandOver>(); }},
};

}  // namespace

std::span<const Family> peer_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
