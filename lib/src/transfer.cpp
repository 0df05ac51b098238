// SPDX-License-Identifier: Apache-2.0
//
// transfer: the process between the source and the readers; Go's transfer(). It owns the body (the
// filled part of the buffer), the status (how the source ended), and the requests that wait at the
// frontier. It blocks only in its select: a reply goes into a one-slot channel that contains
// nothing else (A7), so a reader that makes no progress delays no other.
//
// Differences from the reference: waiting requests are answered when `slices` ends without a status
// (D3). At its own end it stops readIntoBuffer and answers the requests that still wait (D2, D5).
// And it posts the two values that its answers follow from, so that readers need not ask
// (csp::Watch).
#include <new>
#include <utility>
#include <vector>

#include "csp/serve.hpp"
#include "processes.hpp"
#include "read_request.hpp"

namespace asyncstream::detail {
namespace {

class Transfer {
 public:
  Transfer(Wiring& wiring, bool with_source)
      : wiring_(wiring),
        slices_(with_source ? wiring.slices : csp::Channel<NextSlice>()),
        body_(wiring.buffer.bytes().first(with_source ? 0 : wiring.buffer.bytes().size())),
        status_(with_source ? std::error_code() : errc::eof) {
    post();
  }

  void run() {
    csp::serve(csp::when([this] { return listens(); },
                         csp::on_receive(
                             wiring_.requests, [this](SliceRequest&& request) { take(request); },
                             [] { return csp::stop; })),
               csp::on_receive(
                   slices_, [this](NextSlice&& next) { take(next); }, [this] { slices_ended(); }));
    end();
  }

 private:
  /// Between the source's status and the end of `slices`, which follows at once, requests are not
  /// received. So the order of the two is the same in every run, as in the reference.
  bool listens() const { return !status_came_ || !slices_; }

  void take(SliceRequest& request) {
    switch (request.kind) {
      case SliceRequest::Kind::slice:
        if (!reply(request)) keep(request);
        break;
      case SliceRequest::Kind::withdraw:
        std::erase_if(pending_, [&](const SliceRequest& p) { return p.result == request.result; });
        break;
      case SliceRequest::Kind::cancel:
        // A good end does not prevent a cancel, but an error stays (A4).
        if (!status_ || status_ == errc::eof) status_ = request.error;
        post();
        (void)wiring_.cancel_heard.close();
        serve_pending();
        break;
      case SliceRequest::Kind::inquire:
        // Never blocks: the channel has one slot, and this is its only message.
        (void)request.progress.send({body_.size(), status_});
        break;
    }
  }

  void take(NextSlice& next) {
    if (!status_) {
      wiring_.exception = std::move(next.exception);  // before the status is posted
      status_ = next.reader_error;
    }
    status_came_ = static_cast<bool>(next.reader_error);
    body_ = wiring_.buffer.bytes().first(body_.size() + next.slice.size());
    post();
    serve_pending();
  }

  void slices_ended() {
    slices_ = {};  // nil: disables this case
    if (!status_) status_ = errc::unexpected_eof;
    post();
    serve_pending();
  }

  /// Called before any reader gets an answer that follows from the new values, so that every read
  /// that happens after that answer knows as much (A4). While requests are not received, "ask" is
  /// posted: readers then send requests, which wait.
  void post() { wiring_.known.post(listens() ? Known::of(body_.size(), status_) : Known::ask()); }

  /// Without memory to keep it, only this request fails; the process goes on for all others.
  void keep(SliceRequest& request) {
    try {
      pending_.push_back(std::move(request));
    } catch (const std::bad_alloc&) {  // the request was not moved from
      send(request, {{}, std::make_error_code(std::errc::not_enough_memory)});
    }
  }

  bool reply(SliceRequest& request) {
    const Answer known = answer(request.offset, request.maxsize, body_.size(), status_,
                                wiring_.options.drain_before_error);
    if (!known.known) return false;
    const std::size_t offset = known.size > 0 ? request.offset : 0;
    send(request, {body_.subspan(offset, known.size), known.error});
    return true;
  }

  void send(SliceRequest& request, SliceResult result) {
    // Never blocks: the channel has one slot, and the reader has only this request. `closed` means
    // that the reader is gone.
    (void)request.result.send(std::move(result));
  }

  /// Answers the requests that can be answered. The last request takes the place of an answered
  /// one, which is the reference's order; traces are compared by it (Q32).
  void serve_pending() {
    for (std::size_t i = 0; i < pending_.size();) {
      if (!reply(pending_[i])) {
        ++i;
        continue;
      }
      if (i + 1 < pending_.size()) pending_[i] = std::move(pending_.back());
      pending_.pop_back();
    }
  }

  void end() {
    wiring_.known.post(Known::ask());  // and asking says closed
    (void)wiring_.cancel_heard.close();
    if (slices_) (void)wiring_.done.close();
    // After an orderly close no request waits. If the stream was destroyed, a reader that outlives
    // it may still have one.
    if (!status_ || status_ == errc::eof) status_ = errc::closed;
    serve_pending();
  }

  Wiring& wiring_;
  csp::Receiver<NextSlice> slices_;
  std::span<const std::byte> body_;
  std::error_code status_;
  bool status_came_ = false;  // from the source; only the close of `slices` follows
  std::vector<SliceRequest> pending_;
};

}  // namespace

csp::Process transfer(Wiring& wiring, bool with_source) {
  return csp::Process(wiring.name("transfer"),
                      [self = Transfer(wiring, with_source)]() mutable { self.run(); });
}

}  // namespace asyncstream::detail
