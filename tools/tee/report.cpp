// SPDX-License-Identifier: Apache-2.0
//
// The report on stderr; see report.hpp.
#include "tee/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

void complain(const std::string& text) { std::cerr << "asyncstream tee: " + text + '\n'; }

/// What kept the source from being read to its end; "" for nothing, or for a signal.
std::string complaint(const SourceEnd& source) {
  if (!source.status || source.status == errc::eof || source.status == errc::cancelled) return "";
  if (source.status == errc::short_buffer) {
    return source.name + " is longer than the buffer: only its first " +
           std::to_string(source.buffer) + " bytes were delivered; give --buffer more than that";
  }
  return "reading " + source.name + " failed: " + source.status.message() +
         "; what was read before was delivered";
}

std::string line_of(const Plan& plan, const Outlet& outlet) {
  const std::string bytes = std::to_string(outlet.written()) + " bytes";
  if (outlet.ending() != Outlet::Ending::complete) {
    return outlet.name() + ": incomplete, " + bytes;
  }
  std::array<char, 24> crc32{};
  std::snprintf(crc32.data(), crc32.size(), ", crc32 %08x", static_cast<unsigned>(outlet.crc32()));
  std::string line = outlet.name() + ": " + bytes;
  if (plan.stats) {
    const double seconds = std::max(outlet.time().count(), 1e-6);
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), " in %.3f s, ", seconds);
    line += time.data() + human_size(static_cast<double>(outlet.written()) / seconds) + "/s";
  }
  return plan.digest ? line + crc32.data() : line;
}

}  // namespace

bool report(const Plan& plan, const SourceEnd& source,
            const std::vector<std::unique_ptr<Outlet>>& outlets) {
  bool well = true;
  if (const std::string text = complaint(source); !text.empty()) {
    complain(text);
    well = false;
  }
  for (const std::unique_ptr<Outlet>& outlet : outlets) {
    if (outlet->ending() == Outlet::Ending::failed) {
      complain(outlet->name() + ": " + outlet->complaint());
    }
    well = well && outlet->ending() == Outlet::Ending::complete;
  }
  if (plan.stats || plan.digest) {
    for (const std::unique_ptr<Outlet>& outlet : outlets) {
      std::cerr << line_of(plan, *outlet) + '\n';
    }
  }
  return well;
}

}  // namespace asyncstream::tools::tee
