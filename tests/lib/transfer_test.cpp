// SPDX-License-Identifier: Apache-2.0
//
// Tests transfer alone: the test sends requests in place of the readers and slices in place of
// readIntoBuffer, and checks which answers go to which reader, and in which order.
#include <doctest/doctest.h>

#include "lib/streams.hpp"
#include "processes.hpp"

namespace asyncstream::detail {
namespace {

using csp::Outcome;
using support::bytes;
using support::same;
using Kind = SliceRequest::Kind;
using Responses = csp::Channel<SliceResult>;

class Mover {
 public:
  explicit Mover(std::size_t size, Options options = {})
      : wiring_(Buffer::reserve(size), std::move(options)),
        process_("transfer", [this] { transfer(wiring_, true); }) {
    std::ranges::copy(bytes(size), wiring_.buffer.room().begin());
  }
  ~Mover() { end(); }

  void end() {
    (void)wiring_.requests.close();
    process_.join();
  }
  Responses ask(std::size_t offset, std::size_t max) {
    Responses responses = wiring_.make_responses("test");
    CHECK(send({.offset = offset, .maxsize = max, .result = responses}) == Outcome::ok);
    return responses;
  }
  Outcome send(SliceRequest request) { return wiring_.requests.send(std::move(request)); }
  void slice(std::size_t n) {
    CHECK(wiring_.slices.send({wiring_.buffer.bytes().subspan(filled_, n), {}}) == Outcome::ok);
    filled_ += n;
  }
  void status(std::error_code error) {
    CHECK(wiring_.slices.send({{}, error}) == Outcome::ok);
    CHECK(wiring_.slices.close() == Outcome::ok);
  }
  Progress progress() {
    const csp::Channel<Progress> answer = csp::Channel<Progress>::make("", 1);
    CHECK(send({.kind = Kind::inquire, .progress = answer}) == Outcome::ok);
    return answer.receive().value_or(Progress{});
  }
  Wiring& wiring() { return wiring_; }

 private:
  Wiring wiring_;
  std::size_t filled_ = 0;
  csp::Process process_;
};

/// The answer that is there or on its way; "3+4" means bytes 3 to 6.
std::string answer_to(const Responses& responses) {
  const std::optional<SliceResult> result = responses.receive();
  if (!result) return "closed";
  if (result->error) return name_of(result->error);
  for (std::size_t at = 0; at < 100; ++at) {
    if (same(result->slice, bytes(result->slice.size(), at))) {
      return std::to_string(at) + "+" + std::to_string(result->slice.size());
    }
  }
  return "other bytes";
}

TEST_CASE("A1 A2: transfer answers below the frontier at once and keeps other requests") {
  Mover mover(20);
  const Responses first = mover.ask(0, 4);
  (void)mover.progress();  // transfer has continued
  CHECK(first.size() == 0);
  mover.slice(3);
  CHECK(answer_to(first) == "0+3");
  CHECK(answer_to(mover.ask(1, 100)) == "1+2");
  const Responses beyond = mover.ask(5, 100);
  mover.slice(2);
  (void)mover.progress();
  CHECK(beyond.size() == 0);
  mover.slice(2);
  CHECK(answer_to(beyond) == "5+2");
}

TEST_CASE("Q34: an empty slice changes nothing") {
  Mover mover(20);
  const Responses waiting = mover.ask(0, 4);
  mover.slice(0);
  CHECK(mover.progress().buffered == 0);
  CHECK(waiting.size() == 0);
  mover.slice(1);
  CHECK(answer_to(waiting) == "0+1");
}

TEST_CASE("A4: the end comes after all bytes, to every reader, repeatedly") {
  Mover mover(20);
  mover.slice(6);
  const Responses waiting = mover.ask(6, 4);
  mover.status(errc::eof);
  CHECK(answer_to(waiting) == "eof");
  CHECK(answer_to(mover.ask(0, 9)) == "0+6");
  for (int i = 0; i < 3; ++i) CHECK(answer_to(mover.ask(6, 9)) == "eof");
}

TEST_CASE("A4 Q2 Q3: an error is answered at once, also below the frontier") {
  Mover mover(20);
  mover.slice(6);
  const Responses waiting = mover.ask(6, 4);
  mover.status(errc::short_buffer);
  CHECK(answer_to(waiting) == "short_buffer");
  for (int i = 0; i < 3; ++i) CHECK(answer_to(mover.ask(0, 9)) == "short_buffer");
}

TEST_CASE("A4: drain_before_error gives every reader the bytes first") {
  Mover mover(20, {.drain_before_error = true});
  mover.slice(6);
  mover.status(errc::short_buffer);
  CHECK(answer_to(mover.ask(0, 4)) == "0+4");
  CHECK(answer_to(mover.ask(4, 4)) == "4+2");
  CHECK(answer_to(mover.ask(6, 4)) == "short_buffer");
}

TEST_CASE("D3 A16 Q5: waiting reads are answered when slices ends without a status") {
  Mover mover(20);
  mover.slice(2);
  const Responses waiting = mover.ask(2, 4);
  CHECK(mover.wiring().slices.close() == Outcome::ok);
  CHECK(answer_to(waiting) == "unexpected_eof");
  CHECK(answer_to(mover.ask(2, 4)) == "unexpected_eof");
}

TEST_CASE("Q4 Q39: the end of slices does not overwrite the status; the first status stays") {
  Mover mover(20);
  mover.status(errc::no_progress);
  CHECK(answer_to(mover.ask(0, 4)) == "no_progress");
  CHECK(mover.send({.kind = Kind::cancel, .error = errc::cancelled}) == Outcome::ok);
  CHECK(mover.progress().status == errc::no_progress);
}

TEST_CASE("Q32: when a waiting request is answered, the last one takes its place in the order") {
  Mover mover(20);
  // One channel for all answers shows the order. It has room for all of them.
  const Responses all = Responses::make("responses:all", 8);
  for (std::size_t max = 1; max <= 5; ++max) {
    CHECK(mover.send({.offset = 0, .maxsize = max, .result = all}) == Outcome::ok);
  }
  mover.slice(9);
  for (const char* expected : {"0+1", "0+5", "0+4", "0+3", "0+2"}) {
    CHECK(answer_to(all) == expected);
  }
}

TEST_CASE("A7 D6 Q30: a reader that does not take its answer delays no other") {
  Mover mover(20);
  const Responses stalled = mover.ask(0, 4);
  const Responses other = mover.ask(0, 4);
  mover.slice(2);
  mover.slice(2);
  CHECK(answer_to(other) == "0+2");
  CHECK(answer_to(mover.ask(0, 9)) == "0+4");
  CHECK(answer_to(stalled) == "0+2");
}

TEST_CASE("A7 D6: a reader's responses channel has one slot, and the other channels none") {
  Mover mover(20);
  const Wiring& wiring = mover.wiring();
  CHECK(wiring.make_responses("a").capacity() == 1);
  CHECK(wiring.make_responses("a").name() == "responses:a");
  CHECK(wiring.requests.capacity() == 0);
  CHECK(wiring.slices.capacity() == 0);
  CHECK(wiring.add_reader.capacity() == 0);
  CHECK(wiring.subtract_reader.capacity() == 0);
  CHECK(wiring.wait_zero_readers.capacity() == 0);
}

TEST_CASE("A11 Q19: an answer to a closed reader is discarded") {
  Mover mover(20);
  const Responses closed = mover.ask(0, 4);
  CHECK(closed.close() == Outcome::ok);
  mover.slice(2);
  CHECK(mover.progress().buffered == 2);
  CHECK(answer_to(closed) == "closed");
}

TEST_CASE("A2: a withdrawn request is forgotten, and only that one") {
  Mover mover(20);
  const Responses kept = mover.ask(0, 4);
  const Responses withdrawn = mover.ask(0, 4);
  CHECK(mover.send({.result = withdrawn, .kind = Kind::withdraw}) == Outcome::ok);
  mover.slice(2);
  CHECK(answer_to(kept) == "0+2");
  CHECK(withdrawn.size() == 0);
}

TEST_CASE("A10: cancel answers the reads that wait, and its error stays") {
  Mover mover(20);
  const Responses waiting = mover.ask(0, 4);
  CHECK(mover.send({.kind = Kind::cancel, .error = errc::no_progress}) == Outcome::ok);
  CHECK(answer_to(waiting) == "no_progress");
  mover.slice(3);  // the source may still report what it has
  CHECK(mover.progress().buffered == 3);
  mover.status(errc::cancelled);
  CHECK(answer_to(mover.ask(0, 4)) == "no_progress");
}

TEST_CASE("A10: a stream that has ended with eof can be cancelled") {
  Mover mover(20);
  mover.slice(3);
  mover.status(errc::eof);
  CHECK(mover.send({.kind = Kind::cancel, .error = errc::cancelled}) == Outcome::ok);
  CHECK(answer_to(mover.ask(0, 4)) == "cancelled");
}

TEST_CASE("D2 A13: at its end transfer answers the waiting reads and closes done") {
  Mover mover(20);
  const Responses waiting = mover.ask(0, 4);
  mover.end();
  CHECK(answer_to(waiting) == "closed");
  CHECK(mover.wiring().done.close() == Outcome::closed);
}

TEST_CASE("A6: without a source the whole buffer is the body, followed by the end") {
  const support::Bytes all = bytes(10);
  Wiring wiring(Buffer::borrow(all), {});
  const csp::Process process("transfer", [&] { transfer(wiring, false); });
  const Responses responses = Responses::make("responses:test", 1);
  for (const auto& [offset, expected] : {std::pair(0, "0+10"), std::pair(10, "eof")}) {
    (void)wiring.requests.send({.offset = std::size_t(offset), .maxsize = 99, .result = responses});
    CHECK(answer_to(responses) == expected);
  }
  CHECK(wiring.requests.close() == Outcome::ok);
}

}  // namespace
}  // namespace asyncstream::detail
