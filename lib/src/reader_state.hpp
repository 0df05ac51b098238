// SPDX-License-Identifier: Apache-2.0
//
// The state of a StreamReader. It is separate from stream_reader.cpp because AsyncStream makes it.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

#include "asyncstream/stream_reader.hpp"
#include "csp/process.hpp"
#include "csp/watch.hpp"
#include "wiring.hpp"

namespace asyncstream {

struct StreamReader::State {
  State(std::shared_ptr<detail::Wiring> to, std::string_view name)
      : wiring(std::move(to)),
        responses(wiring->make_responses(name)),
        closing(csp::Channel<void>::make("")) {}

  static std::unique_ptr<State> make(std::shared_ptr<detail::Wiring> wiring,
                                     std::string_view name) {
    return std::make_unique<State>(std::move(wiring),
                                   name.empty() ? csp::Process::current_name() : name);
  }

  const std::shared_ptr<detail::Wiring> wiring;
  const csp::Channel<detail::SliceResult> responses;  // one slot: transfer never waits for it (A7)
  const csp::Channel<void> closing;                   // closed by the first close() (A11)
  csp::Watch<bool> closed{false};                     // posted by that close()
  std::size_t offset = 0;

  /// Moves the offset. What is well behind it is given back, where the buffer is a file.
  void advance(std::size_t n) noexcept {
    if (wiring->buffer.spills()) give_back();
    offset += n;
  }

 private:
  void give_back() noexcept {
    constexpr std::size_t kWindow = std::size_t{2} << 20;
    given_back_ = std::min(given_back_, offset);  // after a seek
    if (offset - given_back_ < kWindow) return;
    wiring->buffer.passed(given_back_, offset);
    given_back_ = offset;
  }

  std::size_t given_back_ = 0;
};

}  // namespace asyncstream
