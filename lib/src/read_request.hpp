// SPDX-License-Identifier: Apache-2.0
//
// answer(): whether a request can be answered now, and how. It is Go's handleReadRequest as a pure
// function of the request, the size of the body and the status. transfer calls it for each request
// that arrives, and again for the waiting ones whenever the body has grown or the source has ended.
// A reader calls it with the values that transfer has posted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <system_error>

#include "asyncstream/errc.hpp"

namespace asyncstream::detail {

/// The answer: `size` bytes from the requested offset on, or an error. If it is not `known`, the
/// request has to wait.
struct Answer {
  bool known;
  std::size_t size;
  std::error_code error;
};

/// The answer to a request for at most `maxsize` bytes at `offset`. `body` is the size of the body;
/// `status` is no error while the source goes on.
inline Answer answer(std::size_t offset, std::size_t maxsize, std::size_t body,
                     std::error_code status, bool drain_before_error) {
  const bool has_bytes = offset < body;
  if (!status || status == errc::eof || (drain_before_error && has_bytes)) {
    // min, so that offset + maxsize is never formed and cannot wrap (A20).
    if (has_bytes) return {true, std::min(maxsize, body - offset), {}};
    return {static_cast<bool>(status), 0, status};
  }
  // An error is answered at once, even below the frontier, as the reference does (A4, Q2).
  return {true, 0, status};
}

}  // namespace asyncstream::detail
