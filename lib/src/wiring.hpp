// SPDX-License-Identifier: Apache-2.0
//
// Wiring: what the stream, its readers and its processes share: the channels and the buffer.
// Each piece of a stream holds the wiring, so readers may outlive the stream object.
// Nothing in it is guarded by anything but the channels: a field is written by one party before a
// message or a close, and read by others after it.
//
//   channel            from -> to                       carries
//   requests           readers, stream -> transfer      SliceRequest
//   slices             readIntoBuffer -> transfer       NextSlice
//   responses (each)   transfer -> its reader           SliceResult   (one slot: A7, D6)
//   add_reader         opening readers -> readersMonitor
//   subtract_reader    closing readers -> readersMonitor
//   wait_zero_readers  closing stream -> readersMonitor
//   done               transfer closes it -> readIntoBuffer (D2)
//   known              transfer -> readers               Known, a watch: always the latest
// and private ones (no name, so no trace), each a Go idiom in place of a shared variable:
//   reader_count       readersMonitor -> any thread that asks: the count, as a message
//   closing            holds one token; the thread that takes it closes the stream (A9). It puts
//                      it back if it gives up, and closes the channel when it no longer can
//   cancelling         closed by the first to cancel; then cancel_error is set and
//   cancelled          is closed, which a thread that waits to open a reader sees (A10)
//   cancel_heard       transfer closes it when no read gets bytes any more, or at its end
//   inquiring          holds one token: a thread takes it, inquires, and puts it back
//   progress           transfer -> the thread that inquires
#pragma once

#include <algorithm>
#include <exception>
#include <stop_token>
#include <string>
#include <system_error>

#include "asyncstream/options.hpp"
#include "buffer.hpp"
#include "csp/channel.hpp"
#include "csp/watch.hpp"
#include "known.hpp"
#include "messages.hpp"

namespace asyncstream::detail {

struct Wiring {
  Wiring(Buffer bytes, Options chosen)
      : options(with_plain_label(std::move(chosen))),
        buffer(std::move(bytes)),
        requests(csp::Channel<SliceRequest>::make(name("requests"))),
        slices(csp::Channel<NextSlice>::make(name("slices"))),
        add_reader(csp::Channel<void>::make(name("add_reader"))),
        subtract_reader(csp::Channel<void>::make(name("subtract_reader"))),
        wait_zero_readers(csp::Channel<void>::make(name("wait_zero_readers"))),
        done(csp::Channel<void>::make(name("done"))),
        reader_count(csp::Channel<std::size_t>::make("")),
        closing(csp::Channel<void>::make("", 1)),
        cancelling(csp::Channel<void>::make("")),
        cancelled(csp::Channel<void>::make("")),
        cancel_heard(csp::Channel<void>::make("")),
        inquiring(csp::Channel<void>::make("", 1)),
        progress(csp::Channel<Progress>::make("", 1)) {}

  /// So that the channels' names are seen in a trace, and are told from the label.
  static Options with_plain_label(Options chosen) {
    constexpr std::string_view kLongest = "/wait_zero_readers";
    std::string& label = chosen.label;
    label.resize(std::min(label.size(), csp::ShortText::kSize - kLongest.size()));
    std::ranges::replace_if(
        label, [](char c) { return c == '/' || c == ':'; }, '_');
    return chosen;
  }

  /// A channel's or process's name, with the stream's label before it if it has one.
  std::string name(std::string_view plain) const {
    return options.label.empty() ? std::string(plain) : options.label + "/" + std::string(plain);
  }

  /// A reader's own channel; one slot, so that transfer never waits for a reader (A7).
  csp::Channel<SliceResult> make_responses(std::string_view reader) const {
    return csp::Channel<SliceResult>::make(name("responses:" + std::string(reader)), 1);
  }

  const Options options;
  const Buffer buffer;

  const csp::Channel<SliceRequest> requests;
  const csp::Channel<NextSlice> slices;
  const csp::Channel<void> add_reader;
  const csp::Channel<void> subtract_reader;
  const csp::Channel<void> wait_zero_readers;
  const csp::Channel<void> done;

  const csp::Channel<std::size_t> reader_count;
  const csp::Channel<void> closing;
  const csp::Channel<void> cancelling;
  const csp::Channel<void> cancelled;
  std::error_code cancel_error;
  const csp::Channel<void> cancel_heard;
  const csp::Channel<void> inquiring;
  const csp::Channel<Progress> progress;

  csp::Watch<Known> known{Known::ask()};
  std::exception_ptr exception;  // what the source threw; set before the status is known

  std::stop_source stop_source;  // asks the source to stop reading
};

}  // namespace asyncstream::detail
