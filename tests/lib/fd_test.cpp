// SPDX-License-Identifier: Apache-2.0
//
// File descriptors as sources and sinks: descriptors of every kind, blocking and not, open and
// closed, working and broken, interrupted by stop requests and by signals.
#include "asyncstream/fd.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <string>

#include "lib/streams.hpp"
#include "support/scale.hpp"
#include "support/signals.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using asyncstream::FdSink;
using asyncstream::FdSource;
using asyncstream::file_source;
using asyncstream::Ownership;

std::error_code failed(int number) { return {number, std::generic_category()}; }

/// Two descriptors, the second for writing; both are closed at the end of the scope.
struct Pair {
  enum Kind { pipe, socket };
  explicit Pair(Kind kind, int flags = 0) {
    const int made = kind == pipe ? ::pipe2(fd.data(), O_CLOEXEC | flags)
                                  : ::socketpair(AF_UNIX, SOCK_STREAM | flags, 0, fd.data());
    REQUIRE(made == 0);
  }
  ~Pair() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t end) {
    if (fd[end] >= 0) ::close(fd[end]);
    fd[end] = -1;
  }
  void put(const Bytes& all) const { CHECK(FdSink(fd[1]).write(all) == got(all.size())); }
  std::array<int, 2> fd{-1, -1};
};

/// A new file with this content, which is removed at the end of the scope.
struct File {
  explicit File(const Bytes& content) {
    const int fd = ::mkstemp(path.data());
    REQUIRE(fd >= 0);
    FdSink sink(fd, Ownership::owned);
    CHECK(sink.write(content) == got(content.size()));
    CHECK(sink.close() == std::error_code());
  }
  ~File() { ::unlink(path.c_str()); }
  std::string path = (std::filesystem::temp_directory_path() / "streams.XXXXXX").string();
};

bool sleeps(const char* thread, const char* in_state = "S") {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream comm_file(task.path() / "comm"), stat_file(task.path() / "stat");
    std::string comm, stat;
    std::getline(comm_file, comm);
    std::getline(stat_file, stat);
    const std::size_t end = stat.rfind(") ");
    if (comm == thread && end != std::string::npos && stat.substr(end + 2, 1) == in_state) {
      return true;
    }
  }
  return false;
}

TEST_CASE("A15: a file is a source, from its first byte to its last") {
  const File file(bytes(200'000));
  AsyncStream stream = AsyncStream::from_reader(200'000, file_source(file.path));
  CHECK(read_all(stream).bytes == bytes(200'000));
  AsyncStream shorter = AsyncStream::from_reader(199'999, file_source(file.path));
  wait_for_status(shorter);
  CHECK(shorter.status() == errc::short_buffer);
}

TEST_CASE("A15: the error for a file that cannot be opened names the file") {
  try {
    (void)file_source("no/such/file");
    FAIL("it was opened");
  } catch (const std::system_error& error) {
    CHECK(error.code() == failed(ENOENT));
    CHECK(std::string(error.what()).find("no/such/file") != std::string::npos);
  }
}

TEST_CASE(
    "A3 A15: pipes and sockets, blocking or not, give the bytes that are there, then the end") {
  for (const Pair::Kind kind : {Pair::pipe, Pair::socket}) {
    for (const int flags : {0, O_NONBLOCK}) {
      CAPTURE(kind);
      CAPTURE(flags);
      Pair pair(kind, kind == Pair::socket && flags ? int(SOCK_NONBLOCK) : flags);
      AsyncStream stream =
          AsyncStream::from_reader(200'000, std::make_unique<FdSource>(pair.fd[0]));
      StreamReader reader = stream.make_stream_reader();
      for (std::size_t i = 0; i < 3; ++i) {
        pair.put(bytes(10, 10 * i));
        Bytes into(10);
        CHECK(reader.read(into) == got(10));
        CHECK(into == bytes(10, 10 * i));
      }
      pair.put(bytes(150'000, 30));  // more than either holds: the sink waits for the source
      pair.close_end(1);
      CHECK(read_all(reader).bytes == bytes(150'000, 30));
    }
  }
}

TEST_CASE("A15: a read into an empty span does not end the source") {
  const File file(bytes(5));
  const std::unique_ptr<asyncstream::Source> source = file_source(file.path);
  CHECK(source->read({}, {}) == got(0));
  Bytes into(9);
  CHECK(source->read(into, {}) == got(5));
  CHECK(source->read(into, {}) == nothing(errc::eof));
}

TEST_CASE("A15: a directory, a closed descriptor and -1 are errors, not hangs") {
  AsyncStream folder = AsyncStream::from_reader(9, file_source("/proc/self"));
  CHECK(read_all(folder).error == failed(EISDIR));
  const int closed = 987;  // no open descriptor, nor the source's own, has so high a number
  for (const int fd : {closed, -1}) {
    AsyncStream stream = AsyncStream::from_reader(9, std::make_unique<FdSource>(fd));
    CHECK(read_all(stream).error == failed(EBADF));
    CHECK(FdSink(fd).write(bytes(1)) == nothing(failed(EBADF)));
  }
}

TEST_CASE("A12: close interrupts a read of a pipe or socket at once; an earlier request does too") {
  for (const Pair::Kind kind : {Pair::pipe, Pair::socket}) {
    for (std::size_t i = scaled(100); i > 0; --i) {
      const Pair pair(kind);
      AsyncStream stream = AsyncStream::from_reader(9, std::make_unique<FdSource>(pair.fd[0]));
      if (i % 2 == 0) wait_until([] { return sleeps("readIntoBuffer"); });
      CHECK(stream.close() == std::error_code());
    }
    const Pair pair(kind);
    FdSource source(pair.fd[0]);
    std::stop_source stop;
    stop.request_stop();
    Bytes into(1);
    CHECK(source.read(into, stop.get_token()) == nothing(errc::cancelled));
  }
}

TEST_CASE(
    "A12 A21: after a stop request a source sleeps while it waits for the next read's bytes") {
  const Pair pair(Pair::pipe);
  FdSource source(pair.fd[0]);
  Bytes into(1);
  std::stop_source first;
  Threads threads;
  threads.run([&] { CHECK(source.read(into, first.get_token()) == nothing(errc::cancelled)); });
  wait_until([] { return sleeps("test"); });
  first.request_stop();
  threads.join();

  std::stop_source second;
  threads.run([&] { CHECK(source.read(into, second.get_token()) == got(1)); });
  // A source that does not sleep is never seen asleep, and the watchdog ends the case.
  for (int seen = 0; seen < 20;) seen = sleeps("test") ? seen + 1 : 0;
  pair.put(bytes(1));
}

TEST_CASE("A12: signals do not end a read or a write that waits") {
  const support::Handled handled(SIGUSR1, [](int) {});
  const Pair pair(Pair::pipe);
  const Bytes all = bytes(300'000);
  std::atomic<bool> reading{false}, writing{false};
  std::atomic<pthread_t> reader{}, writer{};
  Threads threads;
  threads.run([&] {
    reader = pthread_self();
    reading = true;
    FdSource source(pair.fd[0]);
    Bytes seen, into(1000);
    while (seen.size() < all.size()) {
      const IoResult result = source.read(into, std::stop_source().get_token());
      CHECK(result.error == std::error_code());
      if (result.error) break;
      seen.insert(seen.end(), into.begin(), into.begin() + std::ptrdiff_t(result.n));
    }
    CHECK(seen == all);
    reading = false;
  });
  const auto pelt = [](const std::atomic<bool>& busy, const std::atomic<pthread_t>& thread) {
    for (int i = 0; i < 100 && busy; ++i) pthread_kill(thread, SIGUSR1);
  };
  wait_until([&] { return reading.load(); });
  wait_until([] { return sleeps("test"); });
  // The threads of processes outlive them, so the handles stay valid.
  pelt(reading, reader);
  threads.run([&] {
    writer = pthread_self();
    writing = true;
    pair.put(all);
    writing = false;
  });
  while (reading) {
    pelt(reading, reader);
    if (writing) pelt(writing, writer);
    std::this_thread::yield();
  }
  threads.join();
}

TEST_CASE("S23 D4: a full disk and a broken pipe are the sink's errors, with its count") {
  FdSink full(::open("/dev/full", O_WRONLY | O_CLOEXEC), Ownership::owned);
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream.make_stream_reader();
  CHECK(reader.write_to(full) == nothing(failed(ENOSPC)));
  CHECK(reader.offset() == 0);

  signal(SIGPIPE, SIG_IGN);
  Pair pair(Pair::pipe);
  FdSink broken(pair.fd[1]);
  pair.close_end(0);
  CHECK(reader.write_to(broken) == nothing(failed(EPIPE)));
  signal(SIGPIPE, SIG_DFL);
  asyncstream::MemorySink well;
  CHECK(reader.write_to(well) == got(100'000));
}

TEST_CASE("S23: a non-blocking pipe takes all bytes, as fast as it is read") {
  const Pair pair(Pair::pipe, O_NONBLOCK);
  Threads threads;
  threads.run([&] {
    FdSink sink(pair.fd[1]);
    AsyncStream stream = AsyncStream::from_slice(bytes(300'000));
    StreamReader reader = stream.make_stream_reader();
    CHECK(reader.write_to(sink) == got(300'000));
  });
  FdSource source(pair.fd[0]);
  Bytes into(1000);
  for (std::size_t at = 0; at < 300'000;) {
    const IoResult result = source.read(into, {});
    CHECK(result.error == std::error_code());
    CHECK(same(std::span(into).first(result.n), bytes(result.n, at)));
    at += result.n;
  }
}

TEST_CASE("A21: an owned descriptor is closed once, a borrowed one stays open") {
  const std::size_t before = entries("/proc/self/fd");
  {
    const Pair pair(Pair::pipe);
    { FdSource borrowed(pair.fd[0]); }
    { FdSink borrowed(pair.fd[1]); }
    CHECK(entries("/proc/self/fd") == before + 2);
    FdSource owned(::dup(pair.fd[0]), Ownership::owned);
    FdSink sink(::dup(pair.fd[1]), Ownership::owned);
    CHECK(entries("/proc/self/fd") == before + 4);
    CHECK(sink.close() == std::error_code());
    // The descriptor that reuses the number must not be touched.
    const int next = ::dup(pair.fd[1]);
    CHECK(sink.write(bytes(1)) == nothing(std::make_error_code(std::errc::bad_file_descriptor)));
    CHECK(sink.close() == errc::already_closed);
    CHECK(entries("/proc/self/fd") == before + 4);
    ::close(next);
  }
  CHECK(entries("/proc/self/fd") == before);
}

}  // namespace
