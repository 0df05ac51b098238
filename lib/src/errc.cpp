// SPDX-License-Identifier: Apache-2.0
//
// The texts of errc. The category is a constant that is never destroyed, so that error codes can be
// compared and printed until the very end of the program.
#include "asyncstream/errc.hpp"

namespace asyncstream {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "asyncstream"; }
  std::string message(int code) const override {
    switch (static_cast<errc>(code)) {
      case errc::eof:
        return "end of stream";
      case errc::short_buffer:
        return "the source is longer than the buffer";
      case errc::short_write:
        return "the sink took fewer bytes than it was given";
      case errc::unexpected_eof:
        return "the source stopped without a status";
      case errc::already_closed:
        return "already closed";
      case errc::closed:
        return "closed";
      case errc::cancelled:
        return "cancelled";
      case errc::invalid_source:
        return "the source broke its contract";
      case errc::no_progress:
        return "the source repeatedly returned nothing";
    }
    return "unknown asyncstream error";
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  // Never destroyed: a union destroys none of its members.
  union Undestroyed {
    constexpr Undestroyed() : category() {}
    ~Undestroyed() {}
    Category category;
  };
  static constinit Undestroyed undestroyed;
  return undestroyed.category;
}

std::string name_of(std::error_code code) {
  if (code.category() != error_category()) return code.message();
  switch (static_cast<errc>(code.value())) {
    case errc::eof:
      return "eof";
    case errc::short_buffer:
      return "short_buffer";
    case errc::short_write:
      return "short_write";
    case errc::unexpected_eof:
      return "unexpected_eof";
    case errc::already_closed:
      return "already_closed";
    case errc::closed:
      return "closed";
    case errc::cancelled:
      return "cancelled";
    case errc::invalid_source:
      return "invalid_source";
    case errc::no_progress:
      return "no_progress";
  }
  return "unknown";
}

}  // namespace asyncstream
