// SPDX-License-Identifier: Apache-2.0
//
// How tee reads sizes and writes names, sizes and times: for people, and so that no name, however
// odd, spoils the line or the terminal it is shown on.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
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

/// A number of bytes, or of K, M or G of 1024, 1024² and 1024³; nothing if it is none, or too big.
std::optional<std::size_t> parse_size(std::string_view text);

/// "512 B", "1.5 KiB", "200.0 MiB".
std::string human_size(double bytes);

/// "0:07", "1:02:03".
std::string human_time(std::chrono::duration<double> time);

/// The name with control characters as \xNN.
std::string printable(std::string_view name);

}  // namespace asyncstream::tools::tee
