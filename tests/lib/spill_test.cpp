// SPDX-License-Identifier: Apache-2.0
//
// Options::spill: a stream whose buffer is a file. The file has no name, its bytes are those of the
// source for every reader, little of it is in memory, and a limit that it reaches is an error code
// behind the bytes that were read before.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "asyncstream/async_stream.hpp"
#include "csp/process.hpp"
#include "spill.hpp"

namespace {

using asyncstream::AsyncStream;
using asyncstream::errc;
using asyncstream::IoResult;
using asyncstream::StreamReader;
using asyncstream::View;

constexpr std::size_t kMiB = 1024 * 1024;

/// A folder of this test's own, on whatever holds the working directory.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::current_path() / "spill.XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_; }
  bool is_empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::string path_;
};

std::byte byte_at(std::size_t offset) {
  return static_cast<std::byte>((offset * 2654435761u) >> 13);
}

/// So many bytes, each of them told by where it stands.
class Counting : public asyncstream::Source {
 public:
  explicit Counting(std::size_t size) : size_(size) {}
  IoResult read(std::span<std::byte> into, std::stop_token) override {
    const std::size_t n = std::min(into.size(), size_ - at_);
    for (std::size_t i = 0; i < n; ++i) into[i] = byte_at(at_ + i);
    at_ += n;
    return {n, n == 0 ? std::error_code(errc::eof) : std::error_code()};
  }

 private:
  std::size_t size_;
  std::size_t at_ = 0;
};

/// Up to the first that is not the source's, from where the reader stands; and how it ended.
IoResult check(StreamReader& reader) {
  std::size_t at = reader.offset();
  while (true) {
    const View view = reader.view(100000);
    if (view.error) return {at, view.error};
    for (const std::byte b : view.bytes) {
      if (b != byte_at(at)) return {at, errc::invalid_source};
      ++at;
    }
  }
}

std::size_t file_pages_in_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kibibytes = 0;
    if (word == "RssFile:" && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

TEST_SUITE_BEGIN("spill");

TEST_CASE("A23: readers of a stream in a file have its bytes, at once, late and again") {
  const Folder folder;
  constexpr std::size_t kSize = 40 * kMiB + 12345;
  AsyncStream stream = AsyncStream::from_reader(1024 * kMiB, std::make_unique<Counting>(kSize),
                                                {.spill = folder.path()});
  CHECK(folder.is_empty());
  StreamReader early = stream.make_stream_reader();
  IoResult other;
  csp::Process process(
      "reader", [&, reader = stream.make_stream_reader()]() mutable { other = check(reader); });
  IoResult result = check(early);
  process.join();
  CHECK(result.n == kSize);
  CHECK(result.error == errc::eof);
  CHECK(other.n == kSize);
  StreamReader late = stream.make_stream_reader();
  CHECK(check(late).n == kSize);
  late.seek(7);
  CHECK(check(late).n == kSize);
  early.seek(2 * kSize);
  CHECK(early.view(1).error == errc::eof);
  early.close();
  late.close();
  CHECK_FALSE(stream.close());
}

TEST_CASE("A23: of a stream in a file little is in memory") {
  const Folder folder;
  constexpr std::size_t kSize = 256 * kMiB;
  const std::size_t before = file_pages_in_memory();
  AsyncStream stream =
      AsyncStream::from_reader(kSize, std::make_unique<Counting>(kSize), {.spill = folder.path()});
  StreamReader reader = stream.make_stream_reader();
  CHECK(check(reader).n == kSize);
  CHECK(file_pages_in_memory() < before + 32 * kMiB);
  reader.close();
  CHECK_FALSE(stream.close());
}

TEST_CASE("A23: a file that may grow no more is an error, behind what was read") {
  const Folder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit limited{30 * kMiB, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &limited);
  AsyncStream stream =
      AsyncStream::from_reader(64 * kMiB, std::make_unique<Counting>(64 * kMiB),
                               {.drain_before_error = true, .spill = folder.path()});
  StreamReader reader = stream.make_stream_reader();
  const IoResult result = check(reader);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(result.error == std::errc::file_too_large);
  CHECK(result.n <= 30 * kMiB);
  CHECK(result.n >= 29 * kMiB);
  reader.close();
  CHECK_FALSE(stream.close());
}

TEST_CASE("A23: a folder that is none is named by the exception") {
  const auto open = [] {
    return AsyncStream::from_reader(1, std::make_unique<Counting>(1), {.spill = "no/such/folder"});
  };
  CHECK_THROWS_WITH_AS(open(),
                       "asyncstream: cannot spill to no/such/folder: No such file or directory",
                       std::system_error);
}

TEST_CASE("A23: a buffer of nothing, one that fits exactly, and one that does not") {
  const Folder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, 3 * kMiB + 1}) {
    for (const std::size_t more : {0, 1}) {
      AsyncStream stream =
          AsyncStream::from_reader(size, std::make_unique<Counting>(size + more),
                                   {.drain_before_error = true, .spill = folder.path()});
      StreamReader reader = stream.make_stream_reader();
      const IoResult result = check(reader);
      CHECK(result.n == size);
      CHECK(result.error == (more == 0 ? errc::eof : errc::short_buffer));
      reader.close();
      CHECK_FALSE(stream.close());
    }
  }
}

TEST_SUITE_END();
