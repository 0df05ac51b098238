// SPDX-License-Identifier: Apache-2.0
//
// Tests answer(), the pure function that decides whether a request is answered now, and how. A
// table lists offset, size, body and status with the answer, or "waits". Everything that transfer
// does depends on it.
#include "read_request.hpp"

#include <doctest/doctest.h>

#include <string>

#include "asyncstream/errc.hpp"

namespace asyncstream::detail {
namespace {

struct Row {
  const char* about;
  std::size_t body, offset, max;
  std::error_code status;
  bool drain;
  std::string expected;  // "waits", an error's name, or how many bytes
};

std::string answer_of(const Row& row) {
  const Answer result = answer(row.offset, row.max, row.body, row.status, row.drain);
  if (!result.known) {
    CHECK(result.size == 0);
    CHECK(!result.error);
    return "waits";
  }
  if (!result.error) return std::to_string(result.size);
  CHECK(result.size == 0);
  return name_of(result.error);
}

TEST_CASE("A2 A4 A20 Q2 Q15 Q33: answer() gives bytes, an error, or lets the request wait") {
  const std::error_code none, eof = errc::eof, bad = errc::short_buffer;
  const Row table[] = {
      {"below the frontier, more requested than there is", 10, 4, 100, none, false, "6"},
      {"below the frontier, less requested than there is", 10, 4, 3, none, false, "3"},
      {"all of it", 10, 0, 10, none, false, "10"},
      {"the last byte", 10, 9, 1, none, false, "1"},
      {"at the frontier", 10, 10, 1, none, false, "waits"},
      {"at the frontier of an empty body", 0, 0, 1, none, false, "waits"},
      {"beyond the frontier", 10, 11, 1, none, false, "waits"},
      {"no bytes requested below the frontier", 10, 4, 0, none, false, "0"},
      {"no bytes requested at the frontier: waits too", 10, 10, 0, none, false, "waits"},
      {"SIZE_MAX bytes: no sum wraps", 10, 4, SIZE_MAX, none, false, "6"},
      {"from SIZE_MAX: no sum wraps", 10, SIZE_MAX, SIZE_MAX, none, false, "waits"},
      {"the end comes after all bytes", 10, 4, 100, eof, false, "6"},
      {"the end at the frontier", 10, 10, 1, eof, false, "eof"},
      {"the end beyond the frontier", 10, SIZE_MAX, 1, eof, false, "eof"},
      {"the end of an empty body", 0, 0, 1, eof, false, "eof"},
      {"no bytes requested at the end", 10, 10, 0, eof, false, "eof"},
      {"no bytes requested before the end", 10, 9, 0, eof, false, "0"},
      {"an error at the frontier", 10, 10, 1, bad, false, "short_buffer"},
      {"an error precedes the bytes below the frontier", 10, 0, 1, bad, false, "short_buffer"},
      {"an error, no bytes requested", 10, 0, 0, bad, false, "short_buffer"},
      {"drained first: the bytes below the frontier", 10, 4, 100, bad, true, "6"},
      {"drained first: then the error", 10, 10, 1, bad, true, "short_buffer"},
      {"drained first: the error of an empty body", 0, 0, 1, bad, true, "short_buffer"},
      {"drained first: the same before the end", 10, 4, 2, eof, true, "2"},
      {"drained first: the same without a status", 10, 10, 2, none, true, "waits"},
  };
  for (const Row& row : table) {
    CAPTURE(row.about);
    CHECK(answer_of(row) == row.expected);
  }
}

}  // namespace
}  // namespace asyncstream::detail
