// SPDX-License-Identifier: Apache-2.0
//
// answer(): can this request be answered now, and how? Go's handleReadRequest as a pure function:
// transfer calls it for a request that comes in, and again for those that wait whenever the body
// has grown or the source has ended.
#pragma once

#include <algorithm>
#include <optional>

#include "asyncstream/errc.hpp"
#include "messages.hpp"

namespace asyncstream::detail {

/// nullopt: the request has to wait. `status` is no error while the source goes on.
inline std::optional<SliceResult> answer(const SliceRequest& request,
                                         std::span<const std::byte> body, std::error_code status,
                                         bool drain_before_error) {
  const bool failed = status && status != errc::eof;
  const bool has_bytes = request.offset < body.size();
  // An error is answered at once, even below the frontier, as the reference does (A4, Q2).
  if (failed && !(drain_before_error && has_bytes)) return SliceResult{{}, status};
  if (has_bytes) {
    // min, so that offset + maxsize is never formed and cannot wrap (A20).
    const std::size_t size = std::min(request.maxsize, body.size() - request.offset);
    return SliceResult{body.subspan(request.offset, size), {}};
  }
  if (status) return SliceResult{{}, status};
  return std::nullopt;
}

}  // namespace asyncstream::detail
