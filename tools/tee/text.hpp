// SPDX-License-Identifier: Apache-2.0
//
// How tee reads sizes and times, and writes them for people.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace asyncstream::tools::tee {

/// Why nothing was done: bad input, named in one line. The exit code is then 2.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A number of bytes, or of K, M, G, T or P (or KiB ...) of them, powers of 1024, which may have a
/// fraction: "65536", "64M", "64MiB", "1.5G". Nothing if it is none, or too big.
std::optional<std::size_t> parse_size(std::string_view text);

/// A number of seconds, or of ms, s, m, h, which may have a fraction: "10", "500ms", "1.5m".
std::optional<std::chrono::milliseconds> parse_time(std::string_view text);

/// "512 B", "1.5 KiB", "200.0 MiB".
std::string human_size(double bytes);

/// "0:07", "1:02:03".
std::string human_time(std::chrono::duration<double> time);

/// "500 ms", "1 s", "1.5 s".
std::string plain_time(std::chrono::milliseconds time);

}  // namespace asyncstream::tools::tee
