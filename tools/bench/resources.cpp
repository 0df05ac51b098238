// SPDX-License-Identifier: Apache-2.0
//
// What a stream takes while nothing happens: processor time of readers that wait, and memory of a
// buffer that is mostly empty.
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

/// Never says anything.
class SilentSource : public Source {
 public:
  ReadResult read(std::span<std::byte>, std::stop_token stop) override {
    must(never_.receive(stop).outcome == csp::Outcome::cancelled, "silence was broken");
    return {0, errc::cancelled};
  }

 private:
  csp::Channel<void> never_ = csp::Channel<void>::make("");
};

/// Readers that all wait at the frontier, for as long as the run is. An operation is a reader; what
/// is measured is the processor time.
class Idle : public Workload {
 public:
  explicit Idle(std::size_t readers)
      : stream_(
            AsyncStream::from_reader(1 << 20, std::make_unique<SilentSource>(),
                                     {.max_readers = std::max(readers, Options{}.max_readers)})) {
    for (std::size_t i = 0; i < readers; ++i) {
      readers_.emplace_back("reader", [this] {
        std::byte into[512];
        const ReadResult result = stream_.make_stream_reader().read(into);
        must(result.n == 0 && result.error == errc::cancelled, "an idle reader was given bytes");
      });
    }
    must(csp::wait_until_idle(std::chrono::steady_clock::now() + std::chrono::seconds(60)),
         "readers that have nothing to read do not rest");
  }

  void work(Counter& counter) override {
    if (counter.limit == 0) counter.over->wait(false);
    counter.ops = static_cast<std::int64_t>(readers_.size());
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

/// Bytes of this program that are in memory now, exactly: the kernel goes through all its pages.
std::int64_t resident() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string key;
    std::int64_t kilobytes = 0;
    if (words >> key >> kilobytes && key == "Rss:") return kilobytes * 1024;
  }
  fail("this kernel does not tell what is resident");
}

/// One stream with a buffer of so many MiB, of which so many are filled and read. The finding is by
/// how much the program's resident memory has grown then.
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
      const ReadResult result = reader.read(into);
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

using Made = std::unique_ptr<Workload>;

constexpr Family kFamilies[] = {
    {"idle", 1, [](Numbers n) -> Made { return std::make_unique<Idle>(n[0]); }},
    {"memory", 2, [](Numbers n) -> Made { return std::make_unique<Memory>(n[0], n[1]); }},
};

}  // namespace

std::span<const Family> resource_families() { return kFamilies; }

}  // namespace asyncstream::tools::bench
