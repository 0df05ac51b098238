// SPDX-License-Identifier: Apache-2.0
//
// readersMonitor: counts the readers; Go's readersMonitor(). What it listens to follows from the
// count: below the limit it admits one more, above zero it lets one go, at zero it lets the stream
// close. Once the stream closes it admits nobody (Q25), and only waits for its channels to close.
#include "csp/serve.hpp"
#include "processes.hpp"

namespace asyncstream::detail {

csp::Process readers_monitor(Wiring& wiring) {
  const auto make = [&wiring, readers = std::size_t{0}, closing = false]() mutable {
    return csp::cases(
        csp::when([&] { return readers < wiring.options.max_readers && !closing; },
                  csp::on_receive(wiring.add_reader,
                                  [&](std::optional<csp::Token> token) {
                                    ++readers;
                                    return token ? csp::go_on : csp::stop;
                                  })),
        csp::when([&] { return readers > 0; },
                  csp::on_receive(wiring.subtract_reader,
                                  [&](std::optional<csp::Token> token) {
                                    --readers;
                                    return token ? csp::go_on : csp::stop;
                                  })),
        csp::when([&] { return readers == 0; },
                  csp::on_receive(wiring.wait_zero_readers,
                                  [&](std::optional<csp::Token> token) {
                                    closing = true;
                                    return token ? csp::go_on : csp::stop;
                                  })),
        csp::when([&] { return !closing; }, csp::on_send(wiring.reader_count, readers)));
  };
  return csp::serving(wiring.name("readersMonitor"), wiring.options.hosting, make);
}

}  // namespace asyncstream::detail
