// SPDX-License-Identifier: Apache-2.0
//
// AsyncStream: connects the processes, starts them, and ends them in order. wiring.hpp shows which
// process talks to which; the three processes' files show what a stream does while it lives.
#include "asyncstream/async_stream.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

#include "csp/process.hpp"
#include "csp/select.hpp"
#include "csp/tracing.hpp"
#include "processes.hpp"
#include "reader_state.hpp"

namespace asyncstream {

using detail::Buffer;
using detail::Known;
using detail::Progress;
using detail::SliceRequest;
using detail::Wiring;

struct AsyncStream::State {
  State(Buffer buffer, Options options)
      : wiring(std::make_shared<Wiring>(std::move(buffer), std::move(options))) {
    (void)wiring->closing.try_send();  // the token for the thread that will close
    (void)wiring->inquiring.try_send();
  }

  void start(std::unique_ptr<Source> from) {
    source = std::move(from);
    Wiring& w = *wiring;
    try {
      readers_monitor = detail::readers_monitor(w);
      transfer = detail::transfer(w, source != nullptr);
      if (source) read_into_buffer = detail::read_into_buffer(w, *source);
    } catch (...) {
      end();  // ends the processes that were started
      throw;
    }
  }

  /// Closes the channels, which ends the processes, and joins them. Called by the thread that holds
  /// the token of `closing`.
  void end() {
    (void)wiring->requests.close();
    (void)wiring->add_reader.close();
    (void)wiring->subtract_reader.close();
    (void)wiring->wait_zero_readers.close();
    readers_monitor.join();
    (void)wiring->reader_count.close();  // the source may receive from it, also in a stop callback
    wiring->stop_source.request_stop();
    transfer.join();
    read_into_buffer.join();
    source.reset();
  }

  std::error_code close(StreamReader::Clock::time_point deadline) {
    const csp::Received<csp::Token> token = wiring->closing.receive_until(deadline);
    if (token.outcome == csp::Outcome::closed) return errc::already_closed;
    if (!token) return std::make_error_code(std::errc::timed_out);  // another close is under way
    // A close without a deadline cannot give up, so for all others the stream counts as closed.
    if (deadline == csp::kNever) (void)wiring->closing.close();
    bool closed = wiring->wait_zero_readers.send_until({}, deadline) == csp::Outcome::ok;
    // The deadline has passed, but the monitor may only have been busy; its message says whether
    // readers are left.
    for (bool readers_left = false; !closed && !readers_left;) {
      csp::select_in_order(
          csp::on_send(wiring->wait_zero_readers, [&](csp::Outcome) { closed = true; }),
          csp::on_receive(wiring->reader_count, [&](std::optional<std::size_t> readers) {
            readers_left = readers.value_or(0) > 0;
          }));
    }
    if (!closed) {
      (void)wiring->closing.try_send();
      return std::make_error_code(std::errc::timed_out);
    }
    (void)wiring->closing.close();
    end();
    return {};
  }

  void cancel(std::error_code error) {
    if (wiring->cancelling.close() != csp::Outcome::ok) {
      (void)wiring->cancel_heard.receive();  // of the first call
      return;
    }
    wiring->cancel_error = error ? error : errc::cancelled;
    (void)wiring->cancelled.close();
    (void)wiring->requests.send(
        {.kind = SliceRequest::Kind::cancel, .error = wiring->cancel_error});
    (void)wiring->cancel_heard.receive();
    // Not by transfer: what the source has registered for this may take any time.
    wiring->stop_source.request_stop();
  }

  /// What transfer has posted, or else answers to a request; nullopt once the stream is closed.
  /// Does not allocate or throw.
  std::optional<Progress> progress() const {
    if (wiring->options.reads == Reads::posted && !csp::tracing()) {
      const std::optional<Known> known = wiring->known.latest();
      if (known && known->suffices()) return Progress{known->body, known->status()};
    }
    (void)wiring->inquiring.receive();
    std::optional<Progress> progress;
    if (wiring->requests.send({.kind = SliceRequest::Kind::inquire,
                               .progress = wiring->progress}) == csp::Outcome::ok) {
      progress = wiring->progress.receive();
    }
    (void)wiring->inquiring.send();
    return progress;
  }

  const std::shared_ptr<Wiring> wiring;
  std::unique_ptr<Source> source;
  csp::Process readers_monitor;
  csp::Process transfer;
  csp::Process read_into_buffer;
};

AsyncStream::AsyncStream(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
AsyncStream::AsyncStream(AsyncStream&&) noexcept = default;

AsyncStream& AsyncStream::operator=(AsyncStream&& other) noexcept {
  AsyncStream old(std::move(*this));
  state_ = std::move(other.state_);
  return *this;
}

AsyncStream::~AsyncStream() {
  if (!state_ || !state_->wiring->closing.try_receive()) return;  // closed before
  state_->cancel(errc::cancelled);
  state_->end();
}

AsyncStream AsyncStream::from_reader(std::size_t buffer_size, std::unique_ptr<Source> source,
                                     Options options) {
  if (!source) throw std::invalid_argument("asyncstream: from_reader needs a source, not null");
  Buffer buffer = options.spill.empty() ? Buffer::reserve(buffer_size)
                                        : Buffer::spill(options.spill, buffer_size);
  auto state = std::make_unique<State>(std::move(buffer), std::move(options));
  state->start(std::move(source));
  return AsyncStream(std::move(state));
}

AsyncStream AsyncStream::from_slice(std::vector<std::byte> bytes, Options options) {
  auto state = std::make_unique<State>(Buffer::adopt(std::move(bytes)), std::move(options));
  state->start(nullptr);
  return AsyncStream(std::move(state));
}

AsyncStream AsyncStream::from_view(std::span<const std::byte> bytes, Options options) {
  auto state = std::make_unique<State>(Buffer::borrow(bytes), std::move(options));
  state->start(nullptr);
  return AsyncStream(std::move(state));
}

OpenResult AsyncStream::open(Clock::time_point deadline, const std::stop_token& stop,
                             std::string_view name, std::errc time_is_up) {
  if (!state_) return {{}, errc::closed};
  const Wiring& w = *state_->wiring;
  // Made first, since nothing may fail once the monitor has admitted the reader.
  std::unique_ptr<StreamReader::State> reader = StreamReader::State::make(state_->wiring, name);
  OpenResult result{{}, std::make_error_code(time_is_up)};
  bool waiting = true;
  const auto answer = [&](std::error_code error) {
    result.error = error;
    waiting = false;
  };
  const auto ask = [&](auto... limits) {
    // A cancelled stream admits no reader, though its monitor may still do so: so this case is
    // first.
    csp::select_in_order(
        csp::on_receive(w.cancelled, [&](std::optional<csp::Token>) { answer(w.cancel_error); }),
        csp::on_send(w.add_reader,
                     [&](csp::Outcome outcome) {
                       answer(outcome == csp::Outcome::ok ? std::error_code() : errc::closed);
                     }),
        std::move(limits)...);
  };
  ask(csp::when(deadline != Clock::time_point::max(), csp::until(deadline)),
      csp::on_stop(stop, [&] { answer(errc::cancelled); }));
  // The deadline has passed, but the monitor may only have been busy; its message says whether
  // there is room.
  for (bool room = true; waiting && room;) {
    ask(csp::on_receive(w.reader_count, [&](std::optional<std::size_t> readers) {
      room = !readers || *readers < w.options.max_readers;
    }));
  }
  if (!result.error) result.reader = StreamReader(std::move(reader));
  return result;
}

StreamReader AsyncStream::make_stream_reader(std::string_view name) {
  OpenResult result = open(Clock::time_point::max(), {}, name);
  if (result.error) throw std::system_error(result.error, "asyncstream: make_stream_reader");
  return std::move(result.reader);
}

OpenResult AsyncStream::try_make_stream_reader(std::string_view name) {
  return open(Clock::time_point::min(), {}, name, std::errc::resource_unavailable_try_again);
}

OpenResult AsyncStream::make_stream_reader_until(Clock::time_point deadline, std::stop_token stop,
                                                 std::string_view name) {
  return open(deadline, stop, name);
}

std::error_code AsyncStream::close() { return close_until(Clock::time_point::max()); }

std::error_code AsyncStream::close_until(Clock::time_point deadline) {
  return state_ ? state_->close(deadline) : errc::already_closed;
}

void AsyncStream::cancel(std::error_code error) {
  if (state_) state_->cancel(error);
}

std::size_t AsyncStream::reader_count() const {
  return state_ ? state_->wiring->reader_count.receive().value_or(0) : 0;
}

std::size_t AsyncStream::buffered() const noexcept {
  const std::optional<Progress> known = state_ ? state_->progress() : std::nullopt;
  return known ? known->buffered : 0;
}

std::size_t AsyncStream::capacity() const noexcept {
  return state_ ? state_->wiring->buffer.bytes().size() : 0;
}

std::error_code AsyncStream::status() const noexcept {
  const std::optional<Progress> known = state_ ? state_->progress() : std::nullopt;
  return known ? known->status : errc::closed;
}

std::exception_ptr AsyncStream::exception() const noexcept {
  // The exception is set before the status is posted, and does not change afterwards.
  const std::optional<Progress> known = state_ ? state_->progress() : std::nullopt;
  return known && known->status ? state_->wiring->exception : nullptr;
}

}  // namespace asyncstream
