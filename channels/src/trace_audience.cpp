// SPDX-License-Identifier: Apache-2.0
//
// See trace_audience.hpp.
#include "trace_audience.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <utility>

namespace csp::detail {

void Audience::add(std::shared_ptr<Recorder> recorder, TraceOptions options, std::uint64_t from) {
  if (!recorder) throw std::invalid_argument("csp: attach needs a recorder, not null");
  for (const Attached& a : attached_) {
    if (a.recorder == recorder) throw std::invalid_argument("csp: recorder attached twice");
  }
  attached_.push_back({std::move(recorder), std::move(options), from});
}

bool Audience::remove(const std::shared_ptr<Recorder>& recorder) {
  return std::erase_if(attached_, [&](const Attached& a) { return a.recorder == recorder; }) > 0;
}

Audience::Needs Audience::needs() const {
  Needs needs;
  needs.drops = !attached_.empty();
  for (const Attached& a : attached_) {
    needs.capacity = std::max(needs.capacity, a.options.capacity);
    needs.drops = needs.drops && a.options.overflow == Overflow::drop;
    needs.checksums = needs.checksums || a.options.checksums;
  }
  return needs;
}

void Audience::record(const Event& event) {
  const auto wants = [](const std::vector<std::string>& list, std::string_view name) {
    return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
  };
  for (Attached& a : attached_) {
    if (event.sequence < a.from) continue;
    const bool filters = !a.options.channels.empty() || !a.options.processes.empty();
    if (filters && event.dropped == 0) {
      const EventNames names = names_of(event);
      if (!wants(a.options.channels, names.channel)) continue;
      if (!wants(a.options.processes, names.process)) continue;
    }
    guarded([&] { a.recorder->record(event); });
  }
}

void Audience::dropped(std::uint64_t count) {
  for (Attached& a : attached_) guarded([&] { a.recorder->dropped(count); });
}

void Audience::flush() {
  for (Attached& a : attached_) guarded([&] { a.recorder->flush(); });
}

template <class F>
void Audience::guarded(F&& f) {
  try {
    f();
  } catch (const std::exception& e) {
    complain(e.what());
  } catch (...) {
    complain("something that is no std::exception");
  }
}

void Audience::complain(const char* what) {
  if (std::exchange(complained_, true)) return;
  std::fprintf(stderr, "csp: a trace recorder threw (further ones are not told): %s\n", what);
}

}  // namespace csp::detail
