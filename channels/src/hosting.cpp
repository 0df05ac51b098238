// SPDX-License-Identifier: Apache-2.0
//
// Where a served process's rounds run: the choice, and the loop that needs none of server.cpp.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "csp/serve.hpp"
#include "server.hpp"

namespace csp {
namespace detail {

void serve(Served& served, bool assisted) {
  if (assisted) return Server(served).host();
  Setup setup;
  do {
    leave_brought();  // within another process's handler, whose messages these may wait for
    setup = served.arm();
    adopt(served);
  } while (served.fire(setup.index_of(perform(served.cases, setup.patience, Choice::uniform))));
}

}  // namespace detail

never_carry::never_carry() noexcept { ++detail::carrier.never; }
never_carry::~never_carry() { --detail::carrier.never; }
carry_closes::carry_closes() noexcept { ++detail::carrier.closes; }
carry_closes::~carry_closes() { --detail::carrier.closes; }
wake_later::wake_later() noexcept { ++detail::carrier.later; }
wake_later::~wake_later() { --detail::carrier.later; }

Hosting default_hosting() noexcept {
  static const bool dedicated = [] {
    const char* const chosen = std::getenv("ASYNCSTREAM_HOSTING");
    const std::string_view hosting = chosen ? chosen : "";
    if (!hosting.empty() && hosting != "assisted" && hosting != "dedicated") {
      std::fprintf(stderr,
                   "warning: ASYNCSTREAM_HOSTING=%s is not understood, and is as if not set; use "
                   "assisted or dedicated\n",
                   chosen);
    }
    return hosting == "dedicated";
  }();
  return dedicated ? Hosting::dedicated : Hosting::assisted;
}

}  // namespace csp
