// SPDX-License-Identifier: Apache-2.0
//
// Feed: how the source comes to the sinks; Tap: what one attempt of a sink reads it through, from
// byte 0 and in order. There are two kinds. WholeFeed keeps all of the source, so that a tap can be
// made at any time; Chain keeps what the slowest sink has not read yet, and holds the source when
// that is too much.
//
// A tap is for one thread; a feed is thread-safe, except where it says otherwise.
#pragma once

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string_view>
#include <system_error>

#include "asyncstream/stream_reader.hpp"

namespace asyncstream::tools::tee {

class Tap {
 public:
  virtual ~Tap() = default;
  /// The next bytes, at least one, in place and valid until the call after it. Waits for them; or
  /// the error: errc::eof, errc::cancelled for a stop request or a cancelled feed, or what the
  /// source broke off with, after its last byte.
  virtual View next(const std::stop_token& stop) = 0;
};

class Feed {
 public:
  virtual ~Feed() = default;

  /// A tap at byte 0. Of a Chain all are made before start(). May throw std::system_error.
  virtual std::unique_ptr<Tap> tap(std::string_view name) = 0;
  /// The source is not read before. Once, by the thread that made the feed.
  virtual void start() = 0;
  /// Ends all waiting, and the reading of the source.
  virtual void cancel() = 0;

  /// How much of the source has been read.
  virtual std::size_t position() const = 0;
  /// No error while it goes on, errc::eof at its end, or what it broke off with.
  virtual std::error_code status() const = 0;
  /// Whether the source is being held for the slowest sink.
  virtual bool is_held() const { return false; }

  bool is_broken() const {
    const std::error_code now = status();
    return now && now != errc::eof && now != errc::cancelled;
  }
};

}  // namespace asyncstream::tools::tee
