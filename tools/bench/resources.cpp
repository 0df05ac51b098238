// SPDX-License-Identifier: Apache-2.0
//
// Workloads that measure what streams take while nothing happens: processor time of waiting readers
// and of open streams, and memory of a buffer that is mostly empty, of a stream and of a reader.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include "asyncstream/async_stream.hpp"
#include "asyncstream/memory.hpp"
#include "bench/workload.hpp"
#include "csp/channel.hpp"
#include "csp/process.hpp"
#include "csp/waiting.hpp"

namespace asyncstream::tools::bench {
namespace {

/// Never gives anything.
class SilentSource : public Source {
 public:
  IoResult read(std::span<std::byte>, std::stop_token stop) override {
    must(never_.receive(stop).outcome == csp::Outcome::cancelled, "silence was broken");
    return {0, errc::cancelled};
  }

 private:
  csp::Channel<void> never_ = csp::Channel<void>::make("");
};

std::unique_ptr<Source> silent_source() { return std::make_unique<SilentSource>(); }

void must_rest() {
  must(csp::wait_until_idle(std::chrono::steady_clock::now() + std::chrono::seconds(60)),
       "processes that have nothing to do do not rest");
}

/// Does nothing for as long as the run lasts; the processor time is measured. An operation is one
/// idle reader or stream.
class Idle : public Workload {
 public:
  explicit Idle(std::size_t count) : count_(count) {}
  void work(Counter& counter) override {
    if (counter.limit == 0) counter.over->wait(false);
    counter.ops = static_cast<std::int64_t>(count_);
  }

 private:
  std::size_t count_;
};

/// Readers of one stream that all wait at the frontier.
class IdleReaders : public Idle {
 public:
  explicit IdleReaders(std::size_t readers)
      : Idle(readers),
        stream_(AsyncStream::from_reader(
            1 << 20, silent_source(), {.max_readers = std::max(readers, Options{}.max_readers)})) {
    for (std::size_t i = 0; i < readers; ++i) {
      readers_.emplace_back("reader", [this] {
        std::byte into[512];
        const IoResult result = stream_.make_stream_reader().read(into);
        must(result.n == 0 && result.error == errc::cancelled, "an idle reader was given bytes");
      });
    }
    must_rest();
  }
  void finish(Findings&) override {
    stream_.cancel();
    for (csp::Process& reader : readers_) reader.join();
    must(!stream_.close(), "a stream did not close");
  }

 private:
  AsyncStream stream_;
  std::vector<csp::Process> readers_;
};

/// Streams from a silent source, each with its three processes.
class IdleStreams : public Idle {
 public:
  explicit IdleStreams(std::size_t streams) : Idle(streams) {
    for (std::size_t i = 0; i < streams; ++i) {
      streams_.push_back(AsyncStream::from_reader(4096, silent_source()));
    }
    must_rest();
  }
  void finish(Findings&) override {
    for (AsyncStream& stream : streams_) must(!stream.close(), "a stream did not close");
  }

 private:
  std::vector<AsyncStream> streams_;
};

/// Bytes of this program that are in memory now, exactly: the kernel walks all its pages.
std::int64_t resident() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    std::int64_t kilobytes = 0;
    if (words >> key >> kilobytes && key == "Rss:") return kilobytes * 1024;
  }
  fail("this kernel does not report resident memory");
}

/// One stream with a buffer of some MiB, of which a part is filled and read. The finding is the
/// growth of the program's resident memory.
class Memory : public Workload {
 public:
  Memory(std::size_t buffer, std::size_t filled_part)
      : buffer_(buffer << 20), bytes_(filled(filled_part << 20)) {}

  void work(Counter& counter) override {
    std::vector<std::byte> into(std::size_t{64} << 10, std::byte{1});
    const std::int64_t before = resident();
    AsyncStream stream = AsyncStream::from_reader(buffer_, std::make_unique<MemorySource>(bytes_));
    StreamReader reader = stream.make_stream_reader();
    while (true) {
      const std::size_t offset = reader.offset();
      const IoResult result = reader.read(into);
      if (result.error == errc::eof) break;
      must(!result.error, "a read failed");
      must_be_block(std::span(into).first(result.n), offset);
    }
    must(reader.offset() == bytes_.size(), "a stream lost bytes");
    grown_ = resident() - before;
    must(!reader.close() && !stream.close(), "a stream did not close");
    counter.ops = 1;
    counter.bytes = static_cast<std::int64_t>(bytes_.size());
  }

  void finish(Findings& findings) override { findings["resident_bytes"] = grown_; }

 private:
  std::size_t buffer_;
  std::vector<std::byte> bytes_;
  std::int64_t grown_ = 0;
};

/// Many streams from memory, without readers. The finding is how much resident memory each has
/// taken.
class MemoryOfStream : public Workload {
 public:
  MemoryOfStream() {
    const std::int64_t before = resident();
    for (std::size_t i = 0; i < kStreams; ++i) streams_.push_back(AsyncStream::from_view(bytes_));
    must_rest();
    grown_ = (resident() - before) / static_cast<std::int64_t>(kStreams);
  }
  void work(Counter& counter) override { counter.ops = kStreams; }
  void finish(Findings& findings) override {
    for (AsyncStream& stream : streams_) must(!stream.close(), "a stream did not close");
    findings["resident_bytes"] = grown_;
  }

 private:
  static constexpr std::size_t kStreams = 256;
  std::vector<std::byte> bytes_ = filled(512);
  std::vector<AsyncStream> streams_;
  std::int64_t grown_ = 0;
};

/// Many readers of one stream. The finding is the resident memory of each, including its object and
/// what it has allocated.
class MemoryOfReader : public Workload {
 public:
  void work(Counter& counter) override {
    std::vector<StreamReader> readers;
    const std::int64_t before = resident();
    readers.reserve(kReaders);
    for (std::size_t i = 0; i < kReaders; ++i) readers.push_back(stream_.make_stream_reader());
    grown_ = (resident() - before) / static_cast<std::int64_t>(kReaders);
    counter.ops = kReaders;
    for (StreamReader& reader : readers) must(!reader.close(), "a reader did not close");
  }
  void finish(Findings& findings) override {
    must(!stream_.close(), "a stream did not close");
    findings["resident_bytes"] = grown_;
  }

 private:
  static constexpr std::size_t kReaders = 10000;
  AsyncStream stream_ = AsyncStream::from_slice(filled(512), {.max_readers = kReaders});
  std::int64_t grown_ = 0;
};

using Made = std::unique_ptr<Workload>;

constexpr Family kFamilies[] = {
    {"idle", 1, [](Numbers n) -> Made { return std::make_unique<IdleReaders>(n[0]); }},
    {"idle-streams", 1, [](Numbers n) -> Made { return std::make_unique<IdleStreams>(n[0]); }},
    {"memory", 2, [](Numbers n) -> Made { return std::make_unique<Memory>(n[0], n[1]); }},
    {"memory-stream", 0, [](Numbers) -> Made { return std::make_unique<MemoryOfStream>(); }},
    {"memory-reader", 0, [](Numbers) -> Made { return std::make_unique<MemoryOfReader>(); }},
};

}  // namespace

std::span<const Family> resource_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
