// SPDX-License-Identifier: Apache-2.0
//
// answer(): can this request be answered now, and how? Go's handleReadRequest as a pure function of
// the request, the size of the body and the status. transfer calls it for a request that comes in,
// and again for those that wait whenever the body has grown or the source has ended; a reader calls
// it with what transfer has posted.
#pragma once

#include <algorithm>
#include <cstddef>
#include <system_error>

#include "asyncstream/errc.hpp"

namespace asyncstream::detail {

/// `size` bytes from the requested offset on, or an error, or, if it is not `known`, neither yet.
struct Answer {
  bool known;
  std::size_t size;
  std::error_code error;
};

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
