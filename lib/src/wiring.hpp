// SPDX-License-Identifier: Apache-2.0
//
// Wiring: what a stream, its readers and its processes share: the channels and the buffer. The
// stream and each reader hold it by std::shared_ptr, so readers may outlive the stream object. Only
// the channels guard its fields: one party writes a field before a message or a close, and others
// read it after that.
//
//   channel            from -> to                       carries
//   requests           readers, stream -> transfer      SliceRequest
//   slices             readIntoBuffer -> transfer       NextSlice
//   responses (each)   transfer -> its reader           SliceResult   (one slot: A7, D6)
//   add_reader         opening readers -> readersMonitor
//   subtract_reader    closing readers -> readersMonitor
//   wait_zero_readers  closing stream -> readersMonitor
//   done               transfer -> readIntoBuffer       nothing, is only closed (D2)
//   known              transfer -> readers              Known; a watch, holds the latest value
//
// Channels without a name, which are not traced; each replaces a shared variable, as in Go:
//   reader_count       readersMonitor -> any thread: the number of open readers
//   closing            holds one token; the thread that takes it closes the stream (A9). It puts
//                      the token back if it gives up, and closes the channel when it no longer can
//   cancelling         closed by the first cancel(), which then sets cancel_error and closes
//   cancelled          received from by threads that wait to open a reader (A10)
//   cancel_heard       closed by transfer when no read gets bytes any more, or at its end
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

  /// The label, made to leave room for the channels' names in an event, and without the characters
  /// that separate it from them.
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

  /// A reader's own channel. One slot, so that transfer never waits for a reader (A7).
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
