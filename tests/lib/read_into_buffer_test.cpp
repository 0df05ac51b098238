// SPDX-License-Identifier: Apache-2.0
//
// Tests readIntoBuffer alone: the process pulls a scripted source into a buffer, and the test
// receives its slices in place of transfer. Pulled sources come first, then push sources.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "processes.hpp"

namespace asyncstream::detail {
namespace {

using support::Act;
using support::bytes;
using support::Feed;
using support::make_feed;
using support::Manners;
using support::pulled;
using support::pushed;
using support::same;
using support::script;
using support::source_of;

class Filler {
 public:
  Filler(std::size_t size, std::unique_ptr<Source> source)
      : wiring_(Buffer::reserve(size), {}),
        source_(std::move(source)),
        process_("readIntoBuffer", [this] { read_into_buffer(wiring_, *source_); }) {}
  ~Filler() {
    wiring_.stop_source.request_stop();
    (void)wiring_.done.close();
  }

  /// The next message: "4" for bytes, an error's name, or "closed". Bytes must be the source's next
  /// ones and follow the earlier ones in the buffer.
  std::string next() {
    const std::optional<NextSlice> message = wiring_.slices.receive();
    if (!message) return "closed";
    exception = message->exception;
    if (message->reader_error) {
      CHECK(message->slice.empty());
      return name_of(message->reader_error);
    }
    CHECK(same(message->slice, bytes(message->slice.size(), filled_)));
    if (!message->slice.empty()) {
      CHECK(message->slice.data() == wiring_.buffer.bytes().data() + filled_);
    }
    filled_ += message->slice.size();
    return std::to_string(message->slice.size());
  }
  std::string all() {
    std::string text = next();
    while (!text.ends_with("closed")) text += " " + next();
    return text;
  }
  Wiring& wiring() { return wiring_; }

  std::exception_ptr exception;

 private:
  Wiring wiring_;
  std::unique_ptr<Source> source_;
  std::size_t filled_ = 0;
  csp::Process process_;
};

std::string pull(std::size_t size, std::vector<Act> acts) {
  return Filler(size, pulled(script(std::move(acts)))).all();
}
std::string push(std::size_t size, std::vector<Act> acts, Manners manners = Manners::checks) {
  return Filler(size, pushed(script(std::move(acts)), manners)).all();
}

TEST_CASE("A3: readIntoBuffer sends one slice for each read that brought bytes") {
  CHECK(pull(100, {}) == "eof closed");
  CHECK(pull(100, {{bytes(5)}}) == "5 eof closed");
  CHECK(pull(100, {{bytes(5)}, {bytes(7, 5)}, {bytes(1, 12)}}) == "5 7 1 eof closed");
}

TEST_CASE("A3 Q37: readIntoBuffer asks for 64 KiB at most, and for no more than fits") {
  std::vector<std::size_t> asked;
  std::size_t given = 0;
  Filler filler(
      150'000, source_of([&](std::span<std::byte> into, const std::stop_token&) {
        asked.push_back(into.size());
        std::ranges::copy(bytes(into.size(), given), into.begin());
        given += into.size();
        return given >= 150'000 ? IoResult{into.size(), errc::eof} : IoResult{into.size(), {}};
      }));
  CHECK(filler.all() == "65536 65536 18928 eof closed");
  CHECK(asked == std::vector<std::size_t>{65536, 65536, 18928});
}

TEST_CASE("A5 Q7: a full buffer is probed with a read of one byte") {
  CHECK(pull(5, {{bytes(4)}}) == "4 eof closed");
  CHECK(pull(5, {{bytes(5)}}) == "5 eof closed");
  CHECK(pull(5, {{bytes(6)}}) == "5 short_buffer closed");
  CHECK(pull(0, {}) == "eof closed");
  CHECK(pull(0, {{bytes(1)}}) == "short_buffer closed");
}

TEST_CASE("Q6: a probe that returns nothing is repeated") {
  CHECK(pull(5, {{bytes(5)}, {}, {}}) == "5 eof closed");
  CHECK(pull(5, {{bytes(5)}, {}, {}, {bytes(1, 5)}}) == "5 short_buffer closed");
}

TEST_CASE("Q8: a probe that returns a byte with an error is short_buffer") {
  CHECK(pull(5, {{bytes(5)}, {bytes(1, 5), support::io_error()}}) == "5 short_buffer closed");
  CHECK(pull(5, {{bytes(5)}, {bytes(1, 5), errc::eof}}) == "5 short_buffer closed");
}

TEST_CASE("Q7 Q8: without a probe nothing is read beyond the buffer; a probe's error is kept") {
  const Feed feed = make_feed(9);
  CHECK(feed.send({bytes(5)}) == csp::Outcome::ok);
  CHECK(feed.send({bytes(1, 5), support::io_error()}) == csp::Outcome::ok);
  AsyncStream careful = AsyncStream::from_reader(5, pulled(feed), {.probe = false});
  support::wait_for_status(careful);
  CHECK(careful.status() == errc::short_buffer);
  CHECK(careful.buffered() == 5);
  CHECK(careful.exception() == nullptr);
  CHECK(feed.size() == 1);

  AsyncStream probing = AsyncStream::from_reader(1, pulled(feed));
  support::wait_for_status(probing);
  CHECK(probing.status() == support::io_error());  // with the last byte, so there is no probe

  CHECK(feed.send({bytes(1)}) == csp::Outcome::ok);
  CHECK(feed.send({bytes(1), support::io_error()}) == csp::Outcome::ok);
  AsyncStream failing = AsyncStream::from_reader(1, pulled(feed));
  support::wait_for_status(failing);
  CHECK(failing.status() == errc::short_buffer);
  REQUIRE(failing.exception());
  try {
    std::rethrow_exception(failing.exception());
  } catch (const std::system_error& error) {
    CHECK(error.code() == support::io_error());
  }
}

TEST_CASE("D1 A15 Q1: bytes that come with a status are sent before it") {
  CHECK(pull(100, {{bytes(5)}, {bytes(3, 5), errc::eof}}) == "5 3 eof closed");
  CHECK(pull(100, {{bytes(3), errc::no_progress}}) == "3 no_progress closed");
  CHECK(pull(3, {{bytes(3), errc::eof}}) == "3 eof closed");
}

TEST_CASE("D7 A15 Q10: a claim of more bytes than there was room for is invalid_source") {
  CHECK(pull(100, {{bytes(5)}, {bytes(95, 5), {}, 1}}) == "5 invalid_source closed");
  CHECK(pull(100, {{bytes(1), errc::eof, SIZE_MAX - 1}}) == "invalid_source closed");
  CHECK(pull(5, {{bytes(5)}, {{}, {}, 2}}) == "5 invalid_source closed");
}

TEST_CASE("D7 A15 Q9: a hundred empty reads in a row are no_progress; 99 are not") {
  std::vector<Act> acts(99);
  CHECK(pull(100, acts) == "eof closed");
  acts.push_back({});
  CHECK(pull(100, acts) == "no_progress closed");
  acts.resize(190);  // not in a row
  acts[95] = {bytes(1)};
  CHECK(pull(100, acts) == "1 eof closed");
}

TEST_CASE("D7 A15 Q11: an exception ends the stream and is kept") {
  SUBCASE("std::system_error gives its code") {
    Filler filler(
        9, pulled(script(
               {{bytes(2)},
                {.throws = std::make_exception_ptr(std::system_error(support::io_error()))}})));
    CHECK(filler.next() == "2");
    CHECK(filler.next() == name_of(support::io_error()));
    CHECK_THROWS_AS(std::rethrow_exception(filler.exception), std::system_error);
    CHECK(filler.next() == "closed");
  }
  SUBCASE("any other exception is invalid_source") {
    Filler filler(9, pulled(script({{.throws = std::make_exception_ptr(42)}})));
    CHECK(filler.next() == "invalid_source");
    CHECK_THROWS_AS(std::rethrow_exception(filler.exception), int);
    CHECK(filler.next() == "closed");
  }
}

TEST_CASE("D2 A12 Q27: readIntoBuffer ends when done is closed, in a send or in a read") {
  SUBCASE("in a send") {
    Filler filler(9, pulled(script({{bytes(2)}})));
    support::wait_for_senders(filler.wiring().slices, 1);
  }
  SUBCASE("in a read, which is asked to stop") {
    Filler filler(9, pulled(make_feed()));
    support::wait_for_sleepers("recv feed");
  }
}

TEST_CASE("A3 A6 Q14: a push source is sent whole at its end, and nothing of it on an error") {
  CHECK(push(100, {}) == "0 eof closed");
  CHECK(push(100, {{bytes(5)}, {bytes(7, 5)}}) == "12 eof closed");
  CHECK(push(100, {{bytes(5), errc::eof}}) == "5 eof closed");
  CHECK(push(100, {{bytes(5)}, {bytes(7, 5), errc::no_progress}}) == "no_progress closed");
  CHECK(push(100, {{bytes(5)}, {.throws = std::make_exception_ptr(1)}}) == "invalid_source closed");
}

TEST_CASE("A5 Q12 Q13: a push source that overflows is short_write, whatever it checks") {
  CHECK(push(5, {{bytes(5)}}) == "5 eof closed");
  CHECK(push(5, {{bytes(6)}}) == "short_write closed");
  CHECK(push(5, {{bytes(6)}}, Manners::ignores) == "short_write closed");
  CHECK(push(5, {{bytes(6)}, {bytes(6)}, {}}, Manners::ignores) == "short_write closed");
  CHECK(push(0, {{bytes(1)}}, Manners::ignores) == "short_write closed");
  // The stored bytes count, not those that it claims.
  CHECK(push(5, {{bytes(2), {}, 1000}}) == "2 eof closed");
}

TEST_CASE("A12: a push source is asked to stop, and its bytes are discarded") {
  Filler filler(9, pushed(make_feed()));
  support::wait_for_sleepers("recv feed");
}

}  // namespace
}  // namespace asyncstream::detail
