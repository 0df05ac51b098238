// SPDX-License-Identifier: Apache-2.0
//
// What the tests of streams share: bytes that identify their place, reading a stream to its end,
// waiting until a thread waits (by polling the list of blocked operations, never by sleeping), and
// counting the threads, descriptors and memory that a test has left behind.
#pragma once

#include <algorithm>
#include <asyncstream/asyncstream.hpp>
#include <csp/csp.hpp>
#include <csp/waiting.hpp>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/allocations.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

namespace asyncstream {

inline bool operator==(const IoResult& a, const IoResult& b) {
  return a.n == b.n && a.error == b.error;
}
inline std::ostream& operator<<(std::ostream& out, const IoResult& result) {
  return out << "{" << result.n << ", " << name_of(result.error) << "}";
}

}  // namespace asyncstream

namespace support {

using asyncstream::AsyncStream;
using asyncstream::errc;
using asyncstream::IoResult;
using asyncstream::name_of;
using asyncstream::StreamReader;
using Bytes = std::vector<std::byte>;

inline IoResult got(std::size_t n) { return {n, {}}; }
inline IoResult nothing(std::error_code error) { return {0, error}; }
inline std::error_code timed_out() { return std::make_error_code(std::errc::timed_out); }
inline std::error_code io_error() { return std::make_error_code(std::errc::io_error); }

/// Byte i of every test's source, from `first` on. Neighbouring bytes and blocks differ, so a byte
/// in the wrong place is detected.
inline std::byte byte_at(std::size_t i) {
  return static_cast<std::byte>((i * 131 + (i >> 8) * 17 + (i >> 16) * 29 + 7) & 0xff);
}
inline Bytes bytes(std::size_t size, std::size_t first = 0) {
  Bytes result(size);
  for (std::size_t i = 0; i < size; ++i) result[i] = byte_at(first + i);
  return result;
}
inline Bytes bytes_of(std::string_view text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}
inline bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

/// Everything that the reader has left, read in pieces of `chunk`, and how it ended.
struct Whole {
  Bytes bytes;
  std::error_code error;
};
inline Whole read_all(StreamReader& reader, std::size_t chunk = 4096) {
  Whole whole;
  Bytes piece(chunk);
  while (true) {
    const IoResult result = reader.read(piece);
    whole.bytes.insert(whole.bytes.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(result.n));
    if (result.error) return {std::move(whole.bytes), result.error};
  }
}
/// The same for a new reader of the stream.
inline Whole read_all(AsyncStream& stream, std::size_t chunk = 4096) {
  StreamReader reader = stream.make_stream_reader("whole");
  return read_all(reader, chunk);
}

/// The number of threads asleep in a channel operation with this case, such as "recv responses:a".
inline std::size_t sleepers_at(std::string_view which) {
  const csp::WaitingReport report = csp::waiting();
  return static_cast<std::size_t>(
      std::count_if(report.waiting.begin(), report.waiting.end(), [&](const auto& process) {
        return std::count(process.cases.begin(), process.cases.end(), which) > 0;
      }));
}
inline void wait_for_sleepers(std::string_view which, std::size_t count = 1) {
  wait_until([&] { return sleepers_at(which) == count; });
}
/// Waits until the reader of this name waits for transfer's answer, which is at the frontier.
inline void wait_for_reader(std::string_view name) {
  wait_for_sleepers("recv responses:" + std::string(name));
}
/// Waits until the stream has this many bytes, or its source has ended.
inline void wait_for_bytes(const AsyncStream& stream, std::size_t size) {
  wait_until([&] { return stream.buffered() >= size; });
}
inline void wait_for_status(const AsyncStream& stream) {
  wait_until([&] { return bool(stream.status()); });
}

inline std::size_t entries(const char* folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                std::filesystem::directory_iterator()));
}

/// Threads and descriptors of this program, and allocations in use.
class Resources {
 public:
  static Resources now() {
    const Allocations all = allocations_everywhere();
    return {working_threads(), entries("/proc/self/fd"), all.made - all.freed};
  }
  /// Waits until no more threads are active than then. A joined thread takes some time to park, or
  /// to leave the kernel's list. A thread that stays is a hang, which the watchdog reports.
  void wait_for_threads() const {
    wait_until([&] { return working_threads() <= threads; });
  }

  std::size_t threads;  // without parked threads
  std::size_t descriptors;
  std::size_t pieces;

 private:
  static std::size_t working_threads() { return entries("/proc/self/task") - parked_threads(); }
};

}  // namespace support
