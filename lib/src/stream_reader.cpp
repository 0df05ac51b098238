// SPDX-License-Identifier: Apache-2.0
//
// StreamReader: the reader's side of the protocol. Every way of reading is one request and one
// answer; they differ in what they do with the slice.
//
// Below the frontier the answer follows from what transfer has posted (Wiring::known), and no
// message is sent, since it would bring the same answer. At the frontier, while a trace is
// attached, and with Reads::by_message, the reader sends a request to transfer and receives its
// response.
//
// A read that gives up (deadline, stop token) while its request waits must withdraw the request. It
// selects over { receive the answer, send the withdrawal }. transfer answers before it receives the
// next message. So at the one moment of the select, either the answer has arrived and is taken, or
// transfer still keeps the request and the withdrawal removes it. No answer can come later.
#include "asyncstream/stream_reader.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

#include "csp/select.hpp"
#include "csp/tracing.hpp"
#include "processes.hpp"
#include "read_request.hpp"
#include "reader_state.hpp"

namespace asyncstream {
namespace {

using detail::Answer;
using detail::Known;
using detail::SliceRequest;
using detail::SliceResult;
using Clock = StreamReader::Clock;

std::error_code error_of(csp::Outcome outcome) {
  switch (outcome) {
    case csp::Outcome::ok:
      return {};
    case csp::Outcome::timeout:
      return std::make_error_code(std::errc::timed_out);
    case csp::Outcome::cancelled:
      return errc::cancelled;
    default:
      return errc::closed;
  }
}

/// How long a read may wait.
struct Limit {
  Clock::time_point deadline = Clock::time_point::max();
  std::stop_token stop = {};
};

template <class ReaderState>
SliceRequest withdrawal(const ReaderState& state) {
  return {.result = state.responses, .kind = SliceRequest::Kind::withdraw};
}

/// The result of a read whose reader has been closed, by any thread. Nothing can answer the read
/// any more, so transfer is asked to drop the request if it keeps it. If the stream was closed,
/// this message has no receiver.
template <class ReaderState>
SliceResult closed(const ReaderState& state) {
  (void)state.wiring->requests.send(withdrawal(state));
  return {{}, errc::closed};
}

/// Withdraws the request; returns the answer if it came first, otherwise the error for `why`.
template <class ReaderState>
SliceResult withdraw(ReaderState& state, csp::Outcome why) {
  std::optional<SliceResult> answer;
  bool withdrawn = false;
  csp::select_in_order(
      csp::on_receive(state.responses, answer),
      csp::on_send(state.wiring->requests, withdrawal(state),
                   [&](csp::Outcome outcome) { withdrawn = outcome == csp::Outcome::ok; }));
  if (withdrawn) return {{}, error_of(why)};
  // Either the answer came; or transfer has ended, and has answered; or this reader was closed.
  if (!answer) answer = state.responses.receive();
  return answer ? std::move(*answer) : closed(state);
}

/// Obtains the answer by a request to transfer.
template <class ReaderState>
SliceResult ask(ReaderState& state, std::size_t offset, std::size_t max, const Limit& limit) {
  // The limit applies to the answer only: transfer always receives requests soon, and a read whose
  // deadline has passed still gets the bytes that are there.
  if (state.wiring->requests.send({.offset = offset, .maxsize = max, .result = state.responses}) !=
      csp::Outcome::ok) {
    return closed(state);
  }
  csp::Received<SliceResult> answer = state.responses.receive_until(limit.deadline, limit.stop);
  if (answer.outcome == csp::Outcome::ok) return std::move(*answer.value);
  if (answer.outcome == csp::Outcome::closed) return closed(state);
  return withdraw(state, answer.outcome);
}

/// The answer that follows from the posted values. It is not known at the frontier, during a post,
/// and for a reader that another thread has closed.
template <class ReaderState>
Answer look_up(const ReaderState& state, std::size_t offset, std::size_t max) {
  const detail::Wiring& wiring = *state.wiring;
  if (wiring.options.reads == Reads::by_message || csp::tracing()) return {};
  const std::optional<Known> known = wiring.known.latest();
  if (!known || !known->suffices()) return {};
  if (state.closed.latest().value_or(true)) return {};
  return detail::answer(offset, max, known->body, known->status(),
                        wiring.options.drain_before_error);
}

/// Calls `use` with the bytes at the offset, or with no bytes and the error.
template <class ReaderState, class Use>
auto fetch(ReaderState* state, std::size_t offset, std::size_t max, const Limit& limit, Use use) {
  if (!state) return use(std::span<const std::byte>(), std::error_code(errc::closed));
  const Answer known = look_up(*state, offset, max);
  if (known.known) {
    // This path makes no SliceResult, so that the parts of an answer stay in registers.
    const std::byte* const begin = state->wiring->buffer.bytes().data();
    return use(std::span(known.size > 0 ? begin + offset : begin, known.size), known.error);
  }
  const SliceResult result = ask(*state, offset, max, limit);
  return use(result.slice, result.error);
}

/// Prefetches the beginning of the bytes behind a slice. The processor's own prefetcher stops at
/// the end of a page, so a thread that reads sequentially would wait for memory there. Beyond the
/// first KiB that prefetcher is ahead again.
void prefetch_behind(std::span<const std::byte> slice) {
  constexpr std::size_t kMost = 1024;
  constexpr std::size_t kLine = 64;
  // An integer, not a pointer: the bytes may not exist, which is harmless for a prefetch.
  const auto next = reinterpret_cast<std::uintptr_t>(slice.data()) + slice.size();
  for (std::size_t i = 0; i < std::min(slice.size(), kMost); i += kLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(next + i));
  }
}

IoResult copy_to(std::span<std::byte> into, std::span<const std::byte> slice,
                 std::error_code error) {
  if (!slice.empty()) std::memcpy(into.data(), slice.data(), slice.size());
  prefetch_behind(slice);
  return {slice.size(), error};
}

/// A reader as the source of another stream.
class ReaderSource : public Source {
 public:
  explicit ReaderSource(StreamReader reader) : reader_(std::move(reader)) {}
  IoResult read(std::span<std::byte> into, std::stop_token stop) override {
    return reader_.read(into, std::move(stop));
  }

 private:
  StreamReader reader_;
};

}  // namespace

StreamReader::StreamReader() noexcept = default;
StreamReader::StreamReader(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
StreamReader::StreamReader(StreamReader&&) noexcept = default;

StreamReader& StreamReader::operator=(StreamReader&& other) noexcept {
  if (this != &other) {
    (void)close();
    state_ = std::move(other.state_);
  }
  return *this;
}

StreamReader::~StreamReader() { (void)close(); }

IoResult StreamReader::read(std::span<std::byte> into) {
  return read_until(into, Clock::time_point::max());
}

IoResult StreamReader::read(std::span<std::byte> into, std::stop_token stop) {
  return read_until(into, Clock::time_point::max(), std::move(stop));
}

IoResult StreamReader::read_until(std::span<std::byte> into, Clock::time_point deadline,
                                  std::stop_token stop) {
  return fetch(state_.get(), offset(), into.size(), {deadline, std::move(stop)},
               [&](std::span<const std::byte> slice, std::error_code error) {
                 if (state_) state_->advance(slice.size());
                 return copy_to(into, slice, error);
               });
}

IoResult StreamReader::read_at(std::size_t offset, std::span<std::byte> into) {
  return fetch(state_.get(), offset, into.size(), {},
               [&](std::span<const std::byte> slice, std::error_code error) {
                 return copy_to(into, slice, error);
               });
}

View StreamReader::view(std::size_t max) {
  return fetch(state_.get(), offset(), max, {},
               [&](std::span<const std::byte> slice, std::error_code error) {
                 if (state_) state_->advance(slice.size());
                 return View{slice, error};
               });
}

IoResult StreamReader::write_to(Sink& sink) {
  std::size_t written = 0;
  while (true) {
    const View next = fetch(state_.get(), offset(), detail::kWriteBlock, {},
                            [](std::span<const std::byte> slice, std::error_code error) {
                              return View{slice, error};
                            });
    if (next.error) return {written, next.error == errc::eof ? std::error_code() : next.error};
    const IoResult taken = sink.write(next.bytes);
    const std::size_t n = std::min(taken.n, next.bytes.size());
    state_->advance(n);
    written += n;
    if (taken.error) return {written, taken.error};
    if (n < next.bytes.size()) return {written, errc::short_write};
  }
}

std::size_t StreamReader::offset() const noexcept { return state_ ? state_->offset : 0; }

void StreamReader::seek(std::size_t offset) noexcept {
  if (state_) state_->offset = offset;
}

std::error_code StreamReader::close() {
  if (!state_) return errc::closed;
  if (state_->closing.close() != csp::Outcome::ok) return errc::already_closed;
  state_->closed.post(true);
  // `closed` instead of ok means that the stream object was destroyed first, so the count no longer
  // matters.
  (void)state_->wiring->subtract_reader.send();
  (void)state_->responses.close();
  return {};
}

std::unique_ptr<Source> source_from(StreamReader reader) {
  return std::make_unique<ReaderSource>(std::move(reader));
}

}  // namespace asyncstream
