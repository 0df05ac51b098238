// SPDX-License-Identifier: Apache-2.0
//
// Workloads of streams that are made while the clock runs: filled from a source and read
// concurrently, by readers that lag behind or that wait for each block; or only opened and closed.
#include <algorithm>
#include <atomic>
#include <cstring>

#include "asyncstream/async_stream.hpp"
#include "bench/workload.hpp"
#include "csp/channel.hpp"
#include "csp/process.hpp"

namespace asyncstream::tools::bench {
namespace {

constexpr std::size_t kHotBlock = std::size_t{64} << 10;

/// Gives `size` bytes from one block, which stays in the cache and is repeated. Each read gets as
/// many as it asks for and the block has left.
class HotSource : public Source {
 public:
  HotSource(std::span<const std::byte> block, std::size_t size) : block_(block), size_(size) {}
  IoResult read(std::span<std::byte> into, std::stop_token) override {
    if (given_ == size_) return {0, errc::eof};
    const std::span<const std::byte> rest = block_.subspan(given_ % block_.size());
    const std::size_t n = std::min({into.size(), rest.size(), size_ - given_});
    std::memcpy(into.data(), rest.data(), n);
    given_ += n;
    return {n, {}};
  }

 private:
  std::span<const std::byte> block_;
  std::size_t size_;
  std::size_t given_ = 0;
};

/// Reads to the end in blocks of that size; returns the number of reads.
std::int64_t read_all(AsyncStream& stream, std::size_t size, std::size_t expected) {
  StreamReader reader = stream.make_stream_reader();
  std::vector<std::byte> into(size);
  std::int64_t reads = 0;
  while (true) {
    const std::size_t offset = reader.offset();
    const IoResult result = reader.read(into);
    if (result.error == errc::eof) break;
    must(!result.error, "a read failed");
    must_be_block(std::span(into).first(result.n), offset % kHotBlock);
    ++reads;
  }
  must(reader.offset() == expected, "a stream lost bytes");
  must(!reader.close(), "a reader did not close");
  return reads;
}

/// A stream of 64 MiB is made, filled, and read to the end by all readers at once; then the next.
/// The worker makes the streams.
class Fill : public Workload {
 public:
  Fill(std::size_t size, std::size_t readers) : size_(size), readers_(readers) {}

  void work(Counter& counter) override {
    do {
      AsyncStream stream =
          AsyncStream::from_reader(kStreamSize, std::make_unique<HotSource>(block_, kStreamSize),
                                   {.max_readers = std::max(readers_, Options{}.max_readers)});
      std::vector<std::int64_t> reads(readers_);
      std::vector<csp::Process> processes;
      for (std::int64_t& count : reads) {
        processes.emplace_back("reader", [&] { count = read_all(stream, size_, kStreamSize); });
      }
      for (csp::Process& process : processes) process.join();
      must(!stream.close(), "a stream did not close");
      for (const std::int64_t count : reads) counter.ops += count;
      counter.bytes += static_cast<std::int64_t>(readers_ * kStreamSize);
    } while (!counter.done());
  }

 private:
  std::size_t size_;
  std::size_t readers_;
  std::vector<std::byte> block_ = filled(kHotBlock);
};

/// A source that is slower than its readers: it gives a block when all readers have read the
/// previous one, until the time is over or `left` blocks are given. It counts what they have read.
class LiveSource : public Source {
 public:
  LiveSource(std::span<const std::byte> block, std::size_t readers, std::size_t left,
             Counter& counter, csp::Receiver<void> all_have_read)
      : block_(block),
        readers_(readers),
        left_(left),
        counter_(counter),
        all_have_read_(std::move(all_have_read)) {}
  IoResult read(std::span<std::byte> into, std::stop_token) override {
    if (given_ > 0) {
      (void)all_have_read_.receive();
      counter_.ops += static_cast<std::int64_t>(readers_);
      counter_.bytes += static_cast<std::int64_t>(readers_ * block_.size());
    }
    if (given_ == left_ || (given_ > 0 && counter_.done())) return {0, errc::eof};
    ++given_;
    std::memcpy(into.data(), block_.data(), block_.size());
    return {block_.size(), {}};
  }

 private:
  std::span<const std::byte> block_;
  std::size_t readers_;
  std::size_t left_;
  std::size_t given_ = 0;
  Counter& counter_;
  csp::Receiver<void> all_have_read_;
};

/// All readers wait at the frontier, and each block goes to all of them. An operation is a read.
class Live : public Workload {
 public:
  Live(std::size_t size, std::size_t readers) : block_(filled(size)), readers_(readers) {}

  void work(Counter& counter) override {
    do {
      const std::size_t blocks = std::max<std::size_t>(1, kStreamSize / block_.size());
      const auto all_have_read = csp::Channel<void>::make("", 1);
      std::atomic<std::size_t> read{0};
      AsyncStream stream = AsyncStream::from_reader(
          blocks * block_.size(),
          std::make_unique<LiveSource>(block_, readers_, blocks, counter, all_have_read),
          {.max_readers = std::max(readers_, Options{}.max_readers)});
      std::vector<csp::Process> processes;
      for (std::size_t i = 0; i < readers_; ++i) {
        processes.emplace_back("reader", [&] {
          StreamReader reader = stream.make_stream_reader();
          std::vector<std::byte> into(block_.size());
          while (!reader.read(into).error) {
            must_be_block(into, 0);
            // acq_rel: the last reader's message carries what all did before it.
            if ((read.fetch_add(1, std::memory_order_acq_rel) + 1) % readers_ == 0) {
              (void)all_have_read.send();
            }
          }
        });
      }
      for (csp::Process& process : processes) process.join();
      must(stream.status() == errc::eof && !stream.close(), "a stream did not end well");
    } while (!counter.done());
  }

 private:
  std::vector<std::byte> block_;
  std::size_t readers_;
};

class OpenReader : public Workload {
 public:
  void work(Counter& counter) override {
    do must(!stream_.make_stream_reader().close(), "a reader did not close");
    while (counter.more(0));
  }
  void finish(Findings&) override { must(!stream_.close(), "a stream did not close"); }

 private:
  AsyncStream stream_ = AsyncStream::from_slice(filled(512));
};

/// A stream of 512 bytes is made, read to its end by one reader with 4 KiB reads, and closed. The
/// bytes come from memory, or from a source with a buffer of that size.
class OpenStream : public Workload {
 public:
  explicit OpenStream(std::size_t buffer) : buffer_(buffer) {}

  void work(Counter& counter) override {
    std::vector<std::byte> into(4096);
    do {
      AsyncStream stream = buffer_ == 0
                               ? AsyncStream::from_view(memory_)
                               : AsyncStream::from_reader(
                                     buffer_, std::make_unique<HotSource>(memory_, memory_.size()));
      StreamReader reader = stream.make_stream_reader();
      std::size_t total = 0;
      IoResult result;
      do {
        result = reader.read(into);
        if (result.n > 0) must_be_block(std::span(into).first(result.n), total);
        total += result.n;
      } while (!result.error);
      must(result.error == errc::eof && total == memory_.size(), "a stream lost bytes");
      must(!reader.close() && !stream.close(), "a stream did not close");
    } while (counter.more(memory_.size()));
  }

 private:
  std::size_t buffer_;
  std::vector<std::byte> memory_ = filled(512);
};

using Made = std::unique_ptr<Workload>;

constexpr Family kFamilies[] = {
    {"fill", 2, [](Numbers n) -> Made { return std::make_unique<Fill>(n[0], n[1]); }},
    {"live", 2, [](Numbers n) -> Made { return std::make_unique<Live>(n[0], n[1]); }},
    {"open-reader", 0, [](Numbers) -> Made { return std::make_unique<OpenReader>(); }},
    {"open-stream-slice", 0, [](Numbers) -> Made { return std::make_unique<OpenStream>(0); }},
    {"open-stream-source", 0, [](Numbers) -> Made { return std::make_unique<OpenStream>(4096); }},
    {"open-buffer", 1, [](Numbers n) -> Made { return std::make_unique<OpenStream>(n[0] << 20); }},
};

}  // namespace

std::span<const Family> filling_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
