// SPDX-License-Identifier: Apache-2.0
//
// The messages between a stream's processes, as in the Go design. (A channel of bare tokens needs
// none.) A SliceRequest is what a reader asks of transfer. Besides the reference's request for
// bytes there are three kinds of this library's own. They use the same channel, so that transfer
// has one order for everything that it is asked:
//   withdraw  drop the request that waits for this result (a read timed out or was stopped)
//   cancel    end the stream with this error (AsyncStream::cancel)
//   inquire   report how far the stream is (buffered, status)
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <system_error>

#include "csp/channel.hpp"

namespace asyncstream::detail {

/// transfer's answer to a request for bytes: bytes in the buffer, or why there are none.
struct SliceResult {
  std::span<const std::byte> slice;
  std::error_code error;
};

/// transfer's answer to inquire.
struct Progress {
  std::size_t buffered = 0;
  std::error_code status;
};

/// A request to transfer.
struct SliceRequest {
  enum class Kind { slice, withdraw, cancel, inquire };

  std::size_t offset = 0;
  std::size_t maxsize = 0;
  csp::Sender<SliceResult> result = {};  // where to answer
  Kind kind = Kind::slice;
  std::error_code error = {};           // of cancel
  csp::Sender<Progress> progress = {};  // of inquire
};

/// What readIntoBuffer sends to transfer: bytes that it has appended to the buffer, or how the
/// source ended.
struct NextSlice {
  std::span<const std::byte> slice;
  std::error_code reader_error;
  std::exception_ptr exception = nullptr;  // if the source threw
};

// The fields of these messages in a trace (csp/describe.hpp). `asyncstream compare` holds each
// against the reference's recordings, so a field that the reference lacks must be left out of the
// comparison (tools/scenario/compare_traces.cpp).
void describe(const SliceResult& message, csp::Fields& fields);
void describe(const SliceRequest& message, csp::Fields& fields);
void describe(const NextSlice& message, csp::Fields& fields);

}  // namespace asyncstream::detail
