// SPDX-License-Identifier: Apache-2.0
//
// How a message describes itself in a trace. For a type to show its contents, define a function in
// the type's own namespace:
//
//   void describe(const Order& order, csp::Fields& fields) {
//     fields.add("id", order.id);
//     fields.add("customer", order.customer);
//   }
//
// It runs on the thread that sends or receives, only while a trace is attached, with no lock held;
// it should copy little. If it throws, the event has no fields, and nothing else changes. Without
// such a function a number or text is shown as its value, an empty type not at all, and any other
// type as its name and size.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <variant>

namespace csp {

/// A short text that is stored in place, so that an event can be queued without allocating. A
/// longer text is cut after kSize bytes.
class ShortText {
 public:
  static constexpr std::size_t kSize = 47;

  ShortText() = default;
  ShortText(std::string_view text) noexcept
      : length_(static_cast<unsigned char>(std::min(text.size(), sizeof text_))) {
    std::copy_n(text.data(), length_, text_);
  }
  /// The text, valid as long as this object.
  std::string_view view() const noexcept { return {text_, length_}; }

 private:
  char text_[kSize];
  unsigned char length_ = 0;
};

/// The CRC-32 (IEEE 802.3, as in zip) of `bytes`, appended to data whose CRC-32 is `before`.
/// Thread-safe.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

/// The fields of a message in a trace: up to four named values, with 46 bytes of text in all; what
/// exceeds this is dropped. It is small and does not allocate, since it is copied with each event.
class Fields {
 public:
  /// A text; Fields::text() returns its bytes.
  struct Text {
    unsigned char begin, size;
  };
  /// The type of a message that does not describe itself.
  struct Type {
    const std::type_info& info;
    std::size_t size;
  };
  /// A CRC-32, shown as eight hexadecimal digits.
  struct Checksum {
    std::uint32_t crc32;
  };
  /// A value; std::monostate is shown as null.
  using Value = std::variant<std::monostate, std::uint64_t, std::int64_t, double, bool, Text,
                             Checksum, const Type*>;
  /// One named value.
  struct Field {
    const char* name;
    Value value;
  };

  Fields() noexcept {}  // not defaulted: Fields{} would first zero all of it
  Fields(const Fields& other) noexcept { *this = other; }
  Fields& operator=(const Fields& other) noexcept {  // copies only the fields in use
    std::copy_n(other.fields_.data(), other.size_, fields_.data());
    texts_ = other.texts_;
    size_ = other.size_;
    return *this;
  }

  /// Adds a value: a number, a bool, a text, or nullptr for null. `name` must be a literal or live
  /// as long as the program.
  void add(const char* name, std::integral auto value) {
    if constexpr (std::same_as<decltype(value), bool>) {
      put(name, value);
    } else if constexpr (std::is_signed_v<decltype(value)>) {
      put(name, static_cast<std::int64_t>(value));
    } else {
      put(name, static_cast<std::uint64_t>(value));
    }
  }
  void add(const char* name, std::floating_point auto value) {
    put(name, static_cast<double>(value));
  }
  void add(const char* name, std::string_view text) {
    if (size_ == fields_.size()) return;
    const std::size_t n = std::min(text.size(), sizeof texts_.bytes - texts_.used);
    std::copy_n(text.data(), n, texts_.bytes + texts_.used);
    put(name, Text{texts_.used, static_cast<unsigned char>(n)});
    texts_.used = static_cast<unsigned char>(texts_.used + n);
  }
  void add(const char* name, std::nullptr_t) { put(name, std::monostate{}); }

  /// Adds the CRC-32 of the bytes if a recorder asks for checksums (TraceOptions::checksums);
  /// otherwise does nothing, since it would have to read every byte.
  void add_crc32(const char* name, std::span<const std::byte> bytes);

  /// The fields, in the order in which they were added.
  std::span<const Field> all() const noexcept { return {fields_.data(), size_}; }
  /// The bytes of a text field of this object.
  std::string_view text(Text text) const noexcept { return {texts_.bytes + text.begin, text.size}; }

  template <class T>
  void add_type() {
    static constexpr Type kType{typeid(T), sizeof(T)};
    put("type", &kType);
  }

 private:
  void put(const char* name, Value value) {
    if (size_ < fields_.size()) fields_[size_++] = {name, value};
  }

  struct Texts {
    unsigned char used = 0;
    char bytes[46];
  };

  std::array<Field, 4> fields_;
  unsigned char size_ = 0;
  Texts texts_;
};

namespace detail {

template <class T>
void describe_value(const T& value, Fields& fields) {
  if constexpr (requires { describe(value, fields); }) {
    describe(value, fields);
  } else if constexpr (std::is_arithmetic_v<T>) {
    fields.add("value", value);
  } else if constexpr (std::convertible_to<const T&, std::string_view> && !std::is_pointer_v<T>) {
    // A pointer is not followed: it may be null, or point to bytes without an end.
    fields.add("value", std::string_view(value));
  } else if constexpr (!std::is_empty_v<T>) {
    fields.add_type<T>();
  }
}

}  // namespace detail
}  // namespace csp
