// SPDX-License-Identifier: Apache-2.0
//
// The library's own error codes. Everything that can go wrong in a correct program is a
// std::error_code: one of these, one of std::errc (timed_out for the timed forms,
// resource_unavailable_try_again for the try forms), or what the source or sink reported.
// The end of a stream is a status like any other: errc::eof, after the last byte.
#pragma once

#include <string>
#include <system_error>

#if __cplusplus < 202002L
#error "asyncstream needs C++20: compile with -std=c++20 or newer"
#endif

namespace asyncstream {

enum class errc {
  eof = 1,         ///< all bytes of the stream have been read
  short_buffer,    ///< the source is longer than the stream's buffer
  short_write,     ///< a sink took fewer bytes than it was given
  unexpected_eof,  ///< the source stopped without saying how it ended
  already_closed,  ///< close was called before
  closed,          ///< the stream or reader is closed
  cancelled,       ///< the stream was cancelled, or the call's stop token signalled
  invalid_source,  ///< the source claimed more bytes than it was given room for, or threw
  no_progress,     ///< the source returned neither bytes nor an error 100 times in a row
};

/// The category "asyncstream"; its messages are one clear phrase each. Thread-safe.
const std::error_category& error_category() noexcept;

inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// The code's name as it stands above ("eof", "short_buffer"), or the message of a code that is not
/// the library's own: what traces show. Thread-safe.
std::string name_of(std::error_code code);

}  // namespace asyncstream

template <>
struct std::is_error_code_enum<asyncstream::errc> : std::true_type {};
