// SPDX-License-Identifier: Apache-2.0
//
// Sources with every kind of fault, as a table: the acts of a source, pulled and pushed, and what a
// reader of the stream sees. The push form of a source must end as its pull form does, with two
// exceptions kept from the reference: on an error it shows nothing (Q14), and a source too long for
// the buffer is short_write (Q12).
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/scale.hpp"
#include "support/seed.hpp"

namespace {

using namespace support;
using asyncstream::name_of;

struct Row {
  const char* about;
  std::size_t buffer;
  std::vector<Act> acts;
  std::string pulled;       // "bytes, then this"
  std::string pushed = {};  // if it differs
};

std::vector<Act> many(std::size_t count, Act act = {}) { return std::vector<Act>(count, act); }
std::vector<Act> followed(std::vector<Act> acts, Act last) {
  acts.push_back(std::move(last));
  return acts;
}
Act thrown(auto exception) { return {.throws = std::make_exception_ptr(std::move(exception))}; }

/// With drain_before_error, so that the bytes delivered before an error do not depend on timing.
std::string seen(std::size_t buffer, std::unique_ptr<asyncstream::Source> source) {
  AsyncStream stream =
      AsyncStream::from_reader(buffer, std::move(source), {.drain_before_error = true});
  const Whole whole = read_all(stream);
  CHECK(whole.bytes == bytes(whole.bytes.size()));
  const bool thrown_too = stream.exception() != nullptr;
  return std::to_string(whole.bytes.size()) + ", " + name_of(whole.error) +
         (thrown_too ? ", thrown" : "");
}

TEST_CASE("S22 A5 A15 D1 D7: sources with every fault, pulled and pushed") {
  const std::string io = name_of(io_error());
  const Row table[] = {
      {"nothing at all", 9, {}, "0, eof"},
      {"some bytes", 9, {{bytes(4)}, {bytes(3, 4)}}, "7, eof"},
      {"bytes with the end", 9, {{bytes(4)}, {bytes(3, 4), errc::eof}}, "7, eof"},
      {"bytes with an error", 9, {{bytes(4)}, {bytes(3, 4), io_error()}}, "7, " + io, "0, " + io},
      {"an error first", 9, {{{}, io_error()}, {bytes(4)}}, "0, " + io},
      {"the end first", 9, {{{}, errc::eof}, {bytes(4)}}, "0, eof"},
      {"an error after the end", 9, {{bytes(2), errc::eof}, {{}, io_error()}}, "2, eof"},
      {"99 empty reads", 9, followed(many(99), {bytes(4)}), "4, eof"},
      {"100 empty reads", 9, followed(many(100), {bytes(4)}), "0, no_progress", "4, eof"},
      {"99 empty reads at the probe", 0, many(99), "0, eof"},
      {"100 empty reads at the probe", 0, many(100), "0, no_progress", "0, eof"},
      {"a claim too high", 9, {{bytes(4)}, {bytes(5, 4), {}, 1}}, "4, invalid_source", "9, eof"},
      {"a claim that wraps", 9, {{bytes(4), {}, SIZE_MAX - 4}}, "0, invalid_source", "4, eof"},
      {"throws first", 9, {thrown(42)}, "0, invalid_source, thrown"},
      {"throws later",
       9,
       {{bytes(4)}, thrown(std::runtime_error("x"))},
       "4, invalid_source, thrown",
       "0, invalid_source, thrown"},
      {"throws a system_error",
       9,
       {thrown(std::system_error(io_error()))},
       "0, " + io + ", thrown"},
      {"throws an error that is none",
       9,
       {thrown(std::system_error(std::error_code()))},
       "0, unexpected_eof, thrown"},
      {"exactly the buffer", 7, {{bytes(4)}, {bytes(3, 4)}}, "7, eof"},
      {"one byte short of it", 7, {{bytes(4)}, {bytes(2, 4)}}, "6, eof"},
      {"one byte too long", 7, {{bytes(4)}, {bytes(4, 4)}}, "7, short_buffer", "0, short_write"},
      {"one byte too long, with the end",
       7,
       {{bytes(8), errc::eof}},
       "7, short_buffer",
       "0, short_write"},
      {"a byte for no buffer", 0, {{bytes(1)}}, "0, short_buffer", "0, short_write"},
      {"nothing for no buffer", 0, {}, "0, eof"},
      {"an error for no buffer", 0, {{{}, io_error()}}, "0, " + io},
      {"an error at the probe", 4, {{bytes(4)}, {{}, io_error()}}, "4, " + io, "0, " + io},
      {"one byte at a time", 999, {}, "300, eof"},
  };
  for (Row row : table) {
    CAPTURE(row.about);
    if (row.about == std::string("one byte at a time")) {
      for (std::size_t i = 0; i < 300; ++i) row.acts.push_back({bytes(1, i)});
    }
    CHECK(seen(row.buffer, pulled(script(row.acts))) == row.pulled);
    CHECK(seen(row.buffer, pushed(script(row.acts))) ==
          (row.pushed.empty() ? row.pulled : row.pushed));
  }
}

TEST_CASE("S22 A1: the same bytes make the same stream, in any pieces, pulled or pushed") {
  std::mt19937_64 random = generator();
  for (std::size_t round = scaled(100); round > 0; --round) {
    const std::size_t size = random() % 3000;
    std::vector<Act> acts;
    for (std::size_t at = 0; at < size;) {
      const std::size_t piece = std::min<std::size_t>(size - at, random() % 200);
      acts.push_back({bytes(piece, at)});
      at += piece;
    }
    // Exactly as long as the buffer, one byte less or one more.
    const std::size_t buffer = std::max<std::size_t>(size + random() % 3, 1) - 1;
    const std::size_t shown = std::min(size, buffer);
    const bool fits = size <= buffer;
    CAPTURE(size);
    CAPTURE(buffer);
    CHECK(seen(buffer, pulled(script(acts))) ==
          std::to_string(shown) + (fits ? ", eof" : ", short_buffer"));
    CHECK(seen(buffer, pushed(script(acts))) ==
          (fits ? std::to_string(size) + ", eof" : "0, short_write"));
  }
}

TEST_CASE("S22 A5 Q12: a push source that ignores its sink's errors cannot overflow silently") {
  CHECK(seen(7, pushed(script({{bytes(4)}, {bytes(4, 4)}}), Manners::ignores)) == "0, short_write");
  CHECK(seen(7, pushed(script({{bytes(8)}, {{}, io_error()}}), Manners::ignores)) ==
        "0, " + name_of(io_error()));
}

TEST_CASE("S22 A16 D7 Q9: endless empty reads end the stream, and waiting readers are answered") {
  AsyncStream stream = AsyncStream::from_reader(
      9, source_of([](std::span<std::byte>, const std::stop_token&) { return got(0); }));
  CHECK(read_all(stream).error == errc::no_progress);
}

TEST_CASE("S22 A15: a claim beyond the room publishes nothing of that read") {
  AsyncStream stream =
      AsyncStream::from_reader(9, source_of([](std::span<std::byte> into, const std::stop_token&) {
                                 return got(into.size() + 1);
                               }));
  wait_for_status(stream);
  CHECK(stream.status() == errc::invalid_source);
  CHECK(stream.buffered() == 0);
}

TEST_CASE("A15: MemorySource gives its bytes in blocks, then the end repeatedly") {
  const Bytes all = bytes(10);
  asyncstream::MemorySource source(all, 4);
  Bytes into(9);
  CHECK(source.read(into, {}) == got(4));
  CHECK(source.read(std::span(into).subspan(4, 2), {}) == got(2));
  CHECK(source.read({}, {}) == got(0));
  CHECK(source.read(std::span(into).first(4), {}) == got(4));
  CHECK(same(std::span(into).first(4), bytes(4, 6)));
  for (int i = 0; i < 3; ++i) CHECK(source.read(into, {}) == nothing(errc::eof));
  CHECK(seen(10, std::make_unique<asyncstream::MemorySource>(all, 3)) == "10, eof");
}

TEST_CASE("A15: error codes have names and messages, including eof") {
  for (const errc code : {errc::eof, errc::short_buffer, errc::short_write, errc::unexpected_eof,
                          errc::already_closed, errc::closed, errc::cancelled, errc::invalid_source,
                          errc::no_progress}) {
    const std::error_code error = code;
    CHECK(std::string(error.category().name()) == "asyncstream");
    CHECK(!error.message().empty());
    CHECK(error.message().find("unknown") == std::string::npos);
    CHECK(name_of(error).find("unknown") == std::string::npos);
  }
  CHECK(std::error_code(99, asyncstream::error_category()).message() ==
        "unknown asyncstream error");
  CHECK(name_of(std::error_code(99, asyncstream::error_category())) == "unknown");
  CHECK(name_of(io_error()) == io_error().message());
}

}  // namespace
