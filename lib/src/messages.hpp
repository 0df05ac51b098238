// SPDX-License-Identifier: Apache-2.0
//
// The messages of the stream's processes, as in the Go design; the channels that carry bare tokens
// need none. A SliceRequest is what a reader asks of transfer. Besides the reference's request for
// bytes it has three kinds of ours, which travel on the same channel so that transfer keeps one
// order for everything readers tell it:
//   withdraw  forget the request that waits for this result (a read timed out or was stopped)
//   cancel    end the stream with this error (AsyncStream::cancel)
//   inquire   tell how far the stream is (buffered, status)
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <system_error>

#include "csp/channel.hpp"

namespace asyncstream::detail {

/// transfer's answer: bytes in the buffer, or why there are none.
struct SliceResult {
  std::span<const std::byte> slice;
  std::error_code error;
};

/// transfer's answer to inquire.
struct Progress {
  std::size_t buffered = 0;
  std::error_code status;
};

struct SliceRequest {
  enum class Kind { slice, withdraw, cancel, inquire };

  std::size_t offset = 0;
  std::size_t maxsize = 0;
  csp::Sender<SliceResult> result = {};  // where to answer
  Kind kind = Kind::slice;
  std::error_code error = {};           // of cancel
  csp::Sender<Progress> progress = {};  // of inquire
};

/// What readIntoBuffer tells transfer: bytes it has put behind those of before, or how it ended.
struct NextSlice {
  std::span<const std::byte> slice;
  std::error_code reader_error;
  std::exception_ptr exception = nullptr;  // if the source threw
};

// What a trace shows of them (csp/describe.hpp); the fields of the reference's recordings.
void describe(const SliceResult& message, csp::Fields& fields);
void describe(const SliceRequest& message, csp::Fields& fields);
void describe(const NextSlice& message, csp::Fields& fields);

}  // namespace asyncstream::detail
