// SPDX-License-Identifier: Apache-2.0
//
// transfer: the process between the source and the readers; Go's transfer(). It owns the body (the
// part of the buffer that is filled), the status (how the source ended), and the requests that wait
// at the frontier. It never blocks but in its select: replies go into one-slot channels with
// nothing else in them (A7), so a reader that stands still delays nobody.
//
// What differs from the reference: requests that wait are answered when `slices` ends without a
// status (D3); at its own end it stops readIntoBuffer and answers the requests that still wait (D2,
// D5). And it posts what it answers by, so that readers need not ask (csp::Watch).
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
  /// Between the source's status and the end of `slices`, which follows at once, requests wait: so
  /// the order of the two is the same in every run, and the reference's.
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
        // A clean end is no reason to keep somebody from cancelling; an error stays (A4).
        if (!status_ || status_ == errc::eof) status_ = request.error;
        post();
        (void)wiring_.cancel_heard.close();
        serve_pending();
        break;
      case SliceRequest::Kind::inquire:
        // One slot, and ours the only message: never blocks.
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
    slices_ = {};  // nil: from now on this case is disabled
    if (!status_) status_ = errc::unexpected_eof;
    post();
    serve_pending();
  }

  /// Before any reader gets an answer by it: what one reader was told of, each knows that it tells.
  /// While requests are not listened to they wait, so readers have to ask.
  void post() { wiring_.known.post(listens() ? Known::of(body_.size(), status_) : Known::ask()); }

  /// Without memory to keep it in, this request alone fails; the process goes on for all others.
  void keep(SliceRequest& request) {
    try {
      pending_.push_back(std::move(request));
    } catch (const std::bad_alloc&) {  // nothing was moved
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
    // One slot, and this is the reader's only request: never blocks. closed: the reader is gone.
    (void)request.result.send(std::move(result));
  }

  /// Answers the requests that can be answered, the answered one's place taken by the last: the
  /// reference's order, which traces are compared by (Q32).
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
    // No request waits after an orderly close; of readers that outlive a destroyed stream one may.
    if (!status_ || status_ == errc::eof) status_ = errc::closed;
    serve_pending();
  }

  Wiring& wiring_;
  csp::Receiver<NextSlice> slices_;
  std::span<const std::byte> body_;
  std::error_code status_;
  bool status_came_ = false;  // from the source; the last thing it says before `slices` is closed
  std::vector<SliceRequest> pending_;
};

}  // namespace

csp::Process transfer(Wiring& wiring, bool with_source) {
  return csp::Process(wiring.name("transfer"),
                      [self = Transfer(wiring, with_source)]() mutable { self.run(); });
}

}  // namespace asyncstream::detail
