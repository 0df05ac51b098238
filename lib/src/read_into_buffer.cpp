// SPDX-License-Identifier: Apache-2.0
//
// readIntoBuffer: reads the source into the buffer; Go's readIntoBuffer(). It sends one NextSlice
// for each read that returned bytes and one for how the source ended. Then it closes `slices`,
// whatever happened. A source that writes itself out (PushSource) fills the buffer in one call and
// becomes readable as a whole at its end (A3).
//
// Differences from the reference: bytes that come with a status are sent before it (D1). The
// process ends when `done` is closed, even during a send (D2). A source that breaks the rules of
// io.hpp ends the stream with a named error instead of undefined behaviour or an endless loop (D7).
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "csp/select.hpp"
#include "processes.hpp"

namespace asyncstream::detail {
namespace {

/// The sink of a push source: the buffer, up to its end. It counts the bytes that it stored and
/// records whether something did not fit, since a source may ignore both (Q12, Q13).
class BufferSink : public Sink {
 public:
  explicit BufferSink(const Buffer& buffer) : buffer_(buffer), room_(buffer.room()) {}

  IoResult write(std::span<const std::byte> bytes) override {
    const std::size_t n = std::min(bytes.size(), room_.size() - stored_);
    if (const std::error_code error = buffer_.make_room(stored_ + n)) {
      error_ = error;
      return {0, error};
    }
    if (n > 0) std::memcpy(room_.data() + stored_, bytes.data(), n);
    stored_ += n;
    if (n == bytes.size()) return {n, {}};
    overflowed_ = true;
    return {n, errc::short_write};
  }

  std::span<const std::byte> stored() const { return room_.first(stored_); }
  /// A source may ignore that, too.
  std::error_code error() const {
    return !error_ && overflowed_ ? std::error_code(errc::short_write) : error_;
  }

 private:
  const Buffer& buffer_;
  std::span<std::byte> room_;
  std::size_t stored_ = 0;
  bool overflowed_ = false;
  std::error_code error_;  // of the buffer
};

std::exception_ptr as_exception(std::error_code error) {
  return std::make_exception_ptr(std::system_error(error, "asyncstream: beyond the buffer"));
}

class ReadIntoBuffer {
 public:
  ReadIntoBuffer(Wiring& wiring, Source& source)
      : wiring_(wiring), source_(source), room_(wiring.buffer.room()) {}

  void run() {
    try {
      if (PushSource* const push = dynamic_cast<PushSource*>(&source_)) {
        push_all(*push);
      } else {
        pull_all();
      }
    } catch (const std::system_error& e) {
      send({{}, e.code(), std::current_exception()});
    } catch (...) {
      send({{}, errc::invalid_source, std::current_exception()});
    }
    (void)wiring_.slices.close();
  }

 private:
  /// Returns false if the stream is closing and nothing receives any more.
  bool send(NextSlice next) {
    bool sent = false;
    csp::select(csp::on_send(wiring_.slices, std::move(next), [&](csp::Outcome) { sent = true; }),
                csp::on_receive(wiring_.done));
    return sent;
  }

  void push_all(PushSource& source) {
    BufferSink sink(wiring_.buffer);
    const IoResult result = source.write_to(sink, wiring_.stop_source.get_token());
    std::error_code error = result.error == errc::eof ? std::error_code() : result.error;
    if (!error) error = sink.error();
    // On failure everything stored is dropped, as in the reference (Q14).
    if (!error) {
      if (!send({sink.stored(), {}})) return;
      error = errc::eof;
    }
    send({{}, error});
  }

  void pull_all() {
    constexpr int kEmptyReads = 100;
    const std::stop_token stop = wiring_.stop_source.get_token();
    std::array<std::byte, 1> probe;  // for the byte beyond a full buffer, if there is one (A5)
    int empty = 0;
    std::size_t stored = 0;
    while (true) {
      if (stop.stop_requested()) {  // of a source that does not look
        send({{}, errc::cancelled});
        return;
      }
      const bool full = room_.empty();
      if (full && !wiring_.options.probe) {
        send({{}, errc::short_buffer});
        return;
      }
      const std::span<std::byte> into =
          full ? std::span<std::byte>(probe) : room_.first(std::min(room_.size(), kReadBlock));
      if (!full) {
        if (const std::error_code error = wiring_.buffer.make_room(stored + into.size())) {
          send({{}, error});
          return;
        }
      }
      const IoResult result = source_.read(into, stop);
      if (result.n > into.size()) {
        send({{}, errc::invalid_source});
        return;
      }
      if (result.n > 0) {
        if (full) {  // Q8: an error that came with the byte is kept for exception() only
          const bool failed = result.error && result.error != errc::eof;
          send({{}, errc::short_buffer, failed ? as_exception(result.error) : nullptr});
          return;
        }
        if (!send({into.first(result.n), {}})) return;
        room_ = room_.subspan(result.n);
        stored += result.n;
        empty = 0;
      }
      if (result.error) {
        send({{}, result.error});
        return;
      }
      if (result.n == 0 && ++empty == kEmptyReads) {
        send({{}, errc::no_progress});
        return;
      }
    }
  }

  Wiring& wiring_;
  Source& source_;
  std::span<std::byte> room_;
};

}  // namespace

csp::Process read_into_buffer(Wiring& wiring, Source& source) {
  return csp::Process(wiring.name("readIntoBuffer"),
                      [&wiring, &source] { ReadIntoBuffer(wiring, source).run(); });
}

}  // namespace asyncstream::detail
