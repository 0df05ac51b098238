// SPDX-License-Identifier: Apache-2.0
//
// How messages describe themselves in a trace: with the names and numbers of the Go reference's
// recordings. The checksum is computed only if a recorder asks for it.
#include "messages.hpp"

#include "asyncstream/errc.hpp"

namespace asyncstream::detail {
namespace {

void describe_slice(std::span<const std::byte> slice, std::error_code error, csp::Fields& fields) {
  fields.add("len", slice.size());
  if (error) {
    fields.add("error", name_of(error));
  } else {
    fields.add("error", nullptr);
  }
  fields.add_crc32("crc32", slice);
}

}  // namespace

void describe(const SliceResult& message, csp::Fields& fields) {
  describe_slice(message.slice, message.error, fields);
}

void describe(const NextSlice& message, csp::Fields& fields) {
  describe_slice(message.slice, message.reader_error, fields);
}

void describe(const SliceRequest& message, csp::Fields& fields) {
  switch (message.kind) {
    case SliceRequest::Kind::slice:
      fields.add("offset", message.offset);
      fields.add("maxsize", message.maxsize);
      break;
    case SliceRequest::Kind::withdraw:
      fields.add("kind", "withdraw");
      break;
    case SliceRequest::Kind::cancel:
      fields.add("kind", "cancel");
      fields.add("error", name_of(message.error));
      return;
    case SliceRequest::Kind::inquire:
      fields.add("kind", "inquire");
      return;
  }
  const std::string_view name = message.result.name();  // LABEL/responses:READER
  fields.add("result", name.substr(name.rfind('/', name.find(':')) + 1));
}

}  // namespace asyncstream::detail
