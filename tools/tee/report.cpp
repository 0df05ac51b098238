// SPDX-License-Identifier: Apache-2.0
//
// The report on stderr; see report.hpp.
#include "tee/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>

#include "tee/complain.hpp"
#include "tee/shown.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

/// What kept the source from being read to its end; "" for nothing, or for a signal.
std::string complaint_of(const Plan& plan, const SourceEnd& source) {
  if (!source.status || source.status == errc::eof || source.status == errc::cancelled) return "";
  const std::string delivered = "; what was read before was delivered";
  if (source.status == errc::short_buffer) {
    return source.name + " is longer than the buffer: only its first " +
           std::to_string(source.bytes) + " bytes were delivered; give --buffer more than that";
  }
  // Nothing that is read from is full.
  if (plan.spill && source.status == std::errc::no_space_on_device) {
    return "--spill " + printable(*plan.spill) + ": " + source.status.message() + " after " +
           std::to_string(source.bytes) + " bytes" + delivered;
  }
  return "reading " + source.name + " failed: " + source.status.message() + delivered;
}

std::string line_of(const Plan& plan, const std::string& name, const Ending& ending) {
  const std::string bytes = std::to_string(ending.bytes) + " bytes";
  if (ending.kind == Ending::Kind::unused) return name + ": not needed";
  if (ending.kind == Ending::Kind::satisfied) return name + ": stopped reading after " + bytes;
  if (ending.kind != Ending::Kind::complete) return name + ": incomplete, " + bytes;
  std::array<char, 24> crc32{};
  std::snprintf(crc32.data(), crc32.size(), ", crc32 %08x", static_cast<unsigned>(ending.crc32));
  std::string line = name + ": " + bytes;
  if (plan.stats) {
    const double seconds = std::max(ending.time.count(), 1e-6);
    std::array<char, 32> time{};
    std::snprintf(time.data(), time.size(), " in %.3f s, ", seconds);
    line += time.data() + human_size(static_cast<double>(ending.bytes) / seconds) + "/s";
  }
  return plan.digest ? line + crc32.data() : line;
}

std::string result_of(const Plan& plan, const Delivery& delivery) {
  std::string text = std::to_string(delivery.successes()) + " of " + std::to_string(plan.wanted()) +
                     " wanted sinks are complete";
  const char* before = ": ";
  for (std::size_t i = 0; i < delivery.endings().size(); ++i) {
    if (!delivery.endings()[i].is_success()) continue;
    text += std::exchange(before, "; ") + delivery.outlets()[i]->name();
  }
  return text;
}

}  // namespace

bool report(const Plan& plan, const SourceEnd& source, const Delivery& delivery) {
  const std::string broken = complaint_of(plan, source);
  if (!broken.empty()) complain(broken);
  const std::vector<Ending>& endings = delivery.endings();
  for (std::size_t i = 0; i < endings.size(); ++i) {
    if (endings[i].kind != Ending::Kind::failed) continue;
    complain(delivery.outlets()[i]->name() + ": " + endings[i].complaint);
  }
  if (plan.want) complain(result_of(plan, delivery));
  if (plan.stats || plan.digest) {
    for (std::size_t i = 0; i < endings.size(); ++i) {
      std::cerr << line_of(plan, delivery.outlets()[i]->name(), endings[i]) + '\n';
    }
  }
  return broken.empty() && delivery.successes() >= plan.wanted();
}

}  // namespace asyncstream::tools::tee
