// SPDX-License-Identifier: Apache-2.0
//
// The library's own error codes. Everything that can go wrong in a correct program is a
// std::error_code: one of these, one of std::errc (timed_out for the timed forms,
// resource_unavailable_try_again for the try forms), or the error of the source or sink. The end of
// a stream is a status like any other: errc::eof, after the last byte.
//
//   if (result.error == asyncstream::errc::eof) return;
#pragma once

#include <string>
#include <system_error>

#if __cplusplus < 202002L
#error "asyncstream needs C++20: compile with -std=c++20 or newer"
#endif

namespace asyncstream {

/// How a stream, a read or a call ended.
enum class errc {
  eof = 1,         ///< all bytes of the stream have been read
  short_buffer,    ///< the source is longer than the stream's buffer
  short_write,     ///< a sink took fewer bytes than it was given
  unexpected_eof,  ///< the source stopped without a status
  already_closed,  ///< close was called before
  closed,          ///< the stream or reader is closed
  cancelled,       ///< the stream was cancelled, or stop was requested for the call
  invalid_source,  ///< the source claimed more bytes than it had room for, or threw
  no_progress,     ///< the source returned neither bytes nor an error 100 times in a row
};

/// The category "asyncstream"; its messages are one phrase each. Thread-safe.
const std::error_category& error_category() noexcept;

/// Makes errc convertible to std::error_code. Thread-safe.
inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

/// The code's name as in the enumeration ("eof", "short_buffer"); for a code of another category
/// its message. Traces show this. Thread-safe.
std::string name_of(std::error_code code);

}  // namespace asyncstream

template <>
struct std::is_error_code_enum<asyncstream::errc> : std::true_type {};
