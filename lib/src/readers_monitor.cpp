// SPDX-License-Identifier: Apache-2.0
//
// readersMonitor: counts the readers; Go's readersMonitor(). The count determines what it receives:
// below the limit it admits one more reader, above zero it lets one leave, at zero it lets the
// stream close. Once the stream closes it admits no reader (Q25) and only waits for its channels to
// be closed.
#include "csp/serve.hpp"
#include "processes.hpp"

namespace asyncstream::detail {

csp::Process readers_monitor(Wiring& wiring) {
  return csp::Process(wiring.name("readersMonitor"), [&wiring] {
    std::size_t readers = 0;
    bool closing = false;
    const auto ended = [] { return csp::stop; };
    csp::serve(csp::when([&] { return readers < wiring.options.max_readers && !closing; },
                         csp::on_receive(
                             wiring.add_reader, [&](csp::Token) { ++readers; }, ended)),
               csp::when([&] { return readers > 0; },
                         csp::on_receive(
                             wiring.subtract_reader, [&](csp::Token) { --readers; }, ended)),
               csp::when([&] { return readers == 0; },
                         csp::on_receive(
                             wiring.wait_zero_readers, [&](csp::Token) { closing = true; }, ended)),
               csp::when([&] { return !closing; }, csp::on_send(wiring.reader_count, readers)));
  });
}

}  // namespace asyncstream::detail
