// SPDX-License-Identifier: Apache-2.0
//
// WholeFeed: a feed that keeps the whole source in one stream, in memory or on disk, for sinks that
// begin late or begin again. A source that is longer than the buffer breaks off with
// errc::short_buffer.
#pragma once

#include <string>

#include "asyncstream/async_stream.hpp"
#include "csp/channel.hpp"
#include "tee/feed.hpp"

namespace asyncstream::tools::tee {

class WholeFeed final : public Feed {
 public:
  /// In memory, or in a file in the folder `spill`. Throws std::bad_alloc when there is no room for
  /// the buffer, std::system_error when there can be no such file.
  WholeFeed(std::unique_ptr<Source> source, std::size_t buffer, std::size_t sinks,
            std::string spill);
  ~WholeFeed() override;

  std::unique_ptr<Tap> tap(std::string_view name) override;
  void start() override { (void)go_.close(); }
  void cancel() override { stream_.cancel(); }
  std::size_t position() const override { return stream_.buffered(); }
  std::error_code status() const override { return stream_.status(); }

 private:
  const csp::Channel<void> go_ = csp::Channel<void>::make("");  // closed: the source may be read
  AsyncStream stream_;
};

/// The reader's next bytes, as a tap brings them.
View next_of(StreamReader& reader, const std::stop_token& stop);

}  // namespace asyncstream::tools::tee
