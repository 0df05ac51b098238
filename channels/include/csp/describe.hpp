// SPDX-License-Identifier: Apache-2.0
//
// How a message describes itself in a trace. A type takes part by a function in its own namespace:
//
//   void describe(const Order& order, csp::Fields& fields) {
//     fields.add("id", order.id);
//     fields.add("customer", order.customer);
//   }
//
// It runs on the thread that sends or receives, only while a trace is on, with no lock held; it
// should copy little. What it throws costs the event its fields, and nothing else. A type without
// it is shown as its type's name and size.
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

/// A short text kept in place, so that an event can be queued without allocating: what is longer
/// than kSize bytes is cut there.
class ShortText {
 public:
  static constexpr std::size_t kSize = 47;

  ShortText() = default;
  ShortText(std::string_view text) noexcept
      : length_(static_cast<unsigned char>(std::min(text.size(), sizeof text_))) {
    std::copy_n(text.data(), length_, text_);
  }
  std::string_view view() const noexcept { return {text_, length_}; }

 private:
  char text_[kSize];
  unsigned char length_ = 0;
};

/// CRC-32 (IEEE 802.3, as in zip), of `bytes` behind those whose CRC-32 is `before`. Thread-safe.
std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0) noexcept;

/// What a message says about itself: up to four named values, and of their texts 46 bytes in all;
/// what is more is dropped. Small and without allocations, as it is copied with each event.
class Fields {
 public:
  /// A text; Fields::text has its bytes.
  struct Text {
    unsigned char begin, size;
  };
  struct Type {
    const std::type_info& info;
    std::size_t size;
  };
  struct Checksum {
    std::uint32_t crc32;
  };
  using Value = std::variant<std::monostate, std::uint64_t, std::int64_t, double, bool, Text,
                             Checksum, const Type*>;
  struct Field {
    const char* name;
    Value value;
  };

  Fields() noexcept {}  // not defaulted: Fields{} would set all of it to zero first
  Fields(const Fields& other) noexcept { *this = other; }
  Fields& operator=(const Fields& other) noexcept {  // no more fields than there are
    std::copy_n(other.fields_.data(), other.size_, fields_.data());
    texts_ = other.texts_;
    size_ = other.size_;
    return *this;
  }

  /// `name` must live for ever: a literal.
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

  /// The CRC-32 of bytes (IEEE, shown as eight hex digits); nothing unless a recorder asks for
  /// checksums, since it reads every byte.
  void add_crc32(const char* name, std::span<const std::byte> bytes);

  std::span<const Field> all() const noexcept { return {fields_.data(), size_}; }
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
    // What a pointer leads to may be none, or not end where a text does.
    fields.add("value", std::string_view(value));
  } else if constexpr (!std::is_empty_v<T>) {
    fields.add_type<T>();
  }
}

}  // namespace detail
}  // namespace csp
