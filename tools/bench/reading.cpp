// SPDX-License-Identifier: Apache-2.0
//
// Workloads that read existing bytes: streams from memory, whose readers start again at the end.
// They measure the request, its answer, and the copy if there is one.
#include <algorithm>

#include "asyncstream/async_stream.hpp"
#include "bench/workload.hpp"

namespace asyncstream::tools::bench {
namespace {

constexpr std::size_t kViewBlock = std::size_t{32} << 10;  // the size of write_to's writes

/// Readers, each a worker, of one stream or of one stream each, all over the same memory.
class OverMemory : public Workload {
 public:
  OverMemory(std::size_t streams, std::size_t readers, Reads reads = Reads::posted)
      : readers_(readers), memory_(filled(kStreamSize)) {
    const Options options{.max_readers = std::max(readers, Options{}.max_readers), .reads = reads};
    for (std::size_t i = 0; i < streams; ++i) {
      streams_.push_back(AsyncStream::from_view(memory_, options));
    }
  }

  std::size_t workers() const override { return readers_; }

  void finish(Findings&) override {
    for (AsyncStream& stream : streams_) must(!stream.close(), "a stream did not close");
  }

 protected:
  AsyncStream& stream_of(const Counter& counter) {
    return streams_[counter.number % streams_.size()];
  }
  const std::byte* memory() const { return memory_.data(); }

 private:
  std::size_t readers_;
  std::vector<std::byte> memory_;
  std::vector<AsyncStream> streams_;
};

/// Calls `next(reader)`, which reads on and returns how much, until the run is over; 0 is the end.
template <class Next>
void read_on(AsyncStream& stream, Counter& counter, Next next) {
  StreamReader reader = stream.make_stream_reader();
  while (true) {
    const std::size_t n = next(reader);
    if (n == 0) {
      must(reader.offset() == kStreamSize, "a stream ended early");
      must(!reader.close(), "a reader did not close");
      reader = stream.make_stream_reader();
    } else if (!counter.more(n)) {
      break;
    }
  }
  must(!reader.close(), "a reader did not close");
}

template <bool timed>
class Read : public OverMemory {
 public:
  Read(std::size_t size, std::size_t streams, std::size_t readers, Reads reads = Reads::posted)
      : OverMemory(streams, readers, reads), size_(size) {}

  void work(Counter& counter) override {
    std::vector<std::byte> into(size_);
    read_on(stream_of(counter), counter, [&](StreamReader& reader) {
      const std::size_t offset = reader.offset();
      const auto read = [&] { return reader.read(into); };
      const IoResult result = timed ? counter.timed(read) : read();
      if (result.error == errc::eof) return std::size_t{0};
      must(!result.error, "a read failed");
      must_be_block(std::span(into).first(result.n), offset);
      return result.n;
    });
  }

 private:
  std::size_t size_;
};

class Viewing : public OverMemory {
 public:
  explicit Viewing(std::size_t readers) : OverMemory(1, readers) {}

  void work(Counter& counter) override {
    read_on(stream_of(counter), counter, [this](StreamReader& reader) {
      const std::size_t offset = reader.offset();
      const View next = reader.view(kViewBlock);
      if (next.error == errc::eof) return std::size_t{0};
      must(!next.error && next.bytes.data() == memory() + offset, "a view is not in its place");
      return next.bytes.size();
    });
  }
};

/// Only counts, and checks that nothing is left out.
class CountingSink : public Sink {
 public:
  CountingSink(Counter& counter, const std::byte* next) : counter_(counter), next_(next) {}
  IoResult write(std::span<const std::byte> bytes) override {
    must(bytes.data() == next_, "a write is not in its place");
    next_ += bytes.size();
    counter_.more(bytes.size());
    return {bytes.size(), {}};
  }

 private:
  Counter& counter_;
  const std::byte* next_;
};

class Writing : public OverMemory {
 public:
  explicit Writing(std::size_t readers) : OverMemory(1, readers) {}

  void work(Counter& counter) override {
    do {
      CountingSink sink(counter, memory());
      StreamReader reader = stream_of(counter).make_stream_reader();
      const IoResult result = reader.write_to(sink);
      must(!result.error && result.n == kStreamSize, "write_to did not write all");
      must(!reader.close(), "a reader did not close");
    } while (!counter.done());
  }
};

using Made = std::unique_ptr<Workload>;

constexpr Family kFamilies[] = {
    {"read", 2, [](Numbers n) -> Made { return std::make_unique<Read<false>>(n[0], 1, n[1]); }},
    {"fair", 2, [](Numbers n) -> Made { return std::make_unique<Read<true>>(n[0], 1, n[1]); }},
    {"streams", 2,
     [](Numbers n) -> Made { return std::make_unique<Read<false>>(n[0], n[1], n[1]); }},
    {"message", 2,
     [](Numbers n) -> Made {
       return std::make_unique<Read<false>>(n[0], 1, n[1], Reads::by_message);
     }},
    {"view", 1, [](Numbers n) -> Made { return std::make_unique<Viewing>(n[0]); }},
    {"write-to", 1, [](Numbers n) -> Made { return std::make_unique<Writing>(n[0]); }},
};

}  // namespace

std::span<const Family> reading_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
