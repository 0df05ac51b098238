// SPDX-License-Identifier: Apache-2.0
//
// waiting(): builds the report of csp/waiting.hpp from the lists of blocked operations and of
// failed processes. Each list's lock is held while the list is read, and no caller's code runs
// meanwhile. If memory is short, the report fails with std::bad_alloc and nothing else is affected.
#include "csp/waiting.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "core/blocked.hpp"
#include "core/channel.hpp"
#include "process/failed.hpp"

namespace csp {
namespace {

std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

WaitingProcess entry_of(const detail::Blocked& blocked, Clock::time_point now) {
  WaitingProcess entry{std::string(blocked.process()), {}, now - blocked.since()};
  for (const detail::QueuedCase& c : blocked.cases()) {
    if (!c.channel) continue;
    const std::string_view name = c.channel->name();
    entry.cases.push_back((c.sends() ? "send " : "recv ") +
                          std::string(name.empty() ? "(no name)" : name));
  }
  return entry;
}

void append_column(std::string& text, const std::string& process) {
  text += process + std::string(process.size() < 18 ? 18 - process.size() : 1, ' ');
}

}  // namespace

WaitingReport waiting() {
  WaitingReport report;
  const Clock::time_point now = Clock::now();
  const detail::BlockedCount count = detail::visit_blocked(
      [&](const detail::Blocked& blocked) { report.waiting.push_back(entry_of(blocked, now)); });
  report.processes = count.processes;
  report.all_asleep = count.all_blocked;
  // what() may be code of the exception's author, so it is called after the lock is released.
  std::vector<std::pair<std::string, std::exception_ptr>> failed;
  detail::visit_failed(
      [&](const detail::Failed& f) { failed.emplace_back(std::string(f.name()), f.error()); });
  for (const auto& [process, error] : failed) report.failed.push_back({process, what_of(error)});
  std::ranges::sort(report.waiting, {}, &WaitingProcess::process);
  std::ranges::sort(report.failed, {}, &FailedProcess::process);
  return report;
}

bool wait_until_idle(Clock::time_point deadline) {
  return detail::wait_until_all_blocked(deadline);
}

std::string to_text(const WaitingReport& report) {
  std::string text;
  for (const WaitingProcess& entry : report.waiting) {
    append_column(text, entry.process);
    for (std::size_t i = 0; i < entry.cases.size(); ++i) {
      text += (i ? " | " : "") + entry.cases[i];
    }
    if (entry.cases.empty()) text += "no case that could happen";
    text += "   (" + std::to_string(entry.since.count() / 1'000'000) + " ms)\n";
  }
  for (const FailedProcess& entry : report.failed) {
    append_column(text, entry.process);
    text += "ended by an exception: " + entry.what + "\n";
  }
  text += (report.all_asleep ? "all " : "some of ") + std::to_string(report.processes) +
          (report.all_asleep ? " processes are asleep\n" : " processes are running\n");
  return text;
}

}  // namespace csp
