// SPDX-License-Identifier: Apache-2.0
//
// waiting() and wait_for_rest() from the roll of sleepers.
//
// Rest is sound: the roll's lock is held while all sleepers are looked at. A sleeper found
// unclaimed has not been woken; to be woken later, somebody must claim it, and all who could are
// found asleep and unclaimed too under the same lock, which they would need to leave the roll. So
// at the end of the look nobody runs. It is complete: whoever stops running links itself here or
// ends, and both ring the bell that wait_for_rest() sleeps on, so rest is noticed without looking
// again and again. Who parks a served process (server.hpp) and runs on rings it too.
#include "sleepers.hpp"

#include <pthread.h>

#include <algorithm>

#include "core.hpp"
#include "csp/process.hpp"
#include "csp/waiting.hpp"
#include "current_process.hpp"
#include "server.hpp"

namespace csp {
namespace detail {

struct Roll {
  Lock lock;
  Sleeper* first CSP_GUARDED_BY(lock) = nullptr;
  std::size_t processes CSP_GUARDED_BY(lock) = 0;
  seam::Word watchers{0};  // written under the lock
  seam::Word bell{0};      // changed whenever rest may have come, while somebody watches

  void ring() CSP_REQUIRES(lock) {
    const std::uint32_t listening = watchers.load(std::memory_order_relaxed);
    if (listening == 0) return;
    // release: pairs with the watcher's acquire; it then takes the lock anyway.
    bell.fetch_add(1, std::memory_order_release);
    for (std::size_t i = 0; i < listening; ++i) seam::wake_one(&bell);
  }

  bool all_asleep() CSP_REQUIRES(lock) {
    std::size_t asleep = 0;
    for (const Sleeper* s = first; s; s = s->next_) {
      // seq_cst: see Server::let_go.
      if (!s->operation_.is_claimed(std::memory_order_seq_cst)) asleep += s->processes_;
    }
    return asleep == processes;
  }

  void link(Sleeper* sleeper) {
    Locked locked(lock);
    sleeper->next_ = first;
    if (first) first->previous_ = sleeper;
    first = sleeper;
    ring();
  }

  void unlink(Sleeper* sleeper) {
    Locked locked(lock);
    (sleeper->previous_ ? sleeper->previous_->next_ : first) = sleeper->next_;
    if (sleeper->next_) sleeper->next_->previous_ = sleeper->previous_;
  }

  void tell() {
    Locked locked(lock);
    ring();
  }

  /// A report reads the channels of those whom it finds unclaimed, under the lock. Who frees one
  /// has come by its claim before, so a report that begins later finds it claimed.
  void wait_for_report() { Locked locked(lock); }

  void count(std::ptrdiff_t change) {
    Locked locked(lock);
    processes += static_cast<std::size_t>(change);
    ring();
  }

  WaitingReport report() {
    WaitingReport report;
    Server* taken = nullptr;
    const seam::Clock::time_point now = seam::now();
    {
      Locked locked(lock);
      report.processes = processes;
      report.all_asleep = all_asleep();
      for (const Sleeper* s = first; s; s = s->next_) {
        Server* const server = s->operation_.server();
        // Parked, a served process may begin its next round at any time on any thread, and change
        // its cases; so it is held while we read them.
        if (server ? !server->take() : s->operation_.is_claimed()) continue;
        if (server) server->push(taken);
        WaitingProcess& entry = report.waiting.emplace_back();
        entry.process = s->process_;
        entry.since = now - s->since_;
        for (const Waiter& waiter : s->cases_) {
          if (!waiter.channel) continue;
          const std::string_view name = waiter.channel->name();
          entry.cases.push_back((waiter.sends ? "send " : "recv ") +
                                std::string(name.empty() ? "(no name)" : name));
        }
        if (!s->beneath_) continue;
        report.waiting.push_back({*s->beneath_, {"runs " + entry.process}, entry.since});
      }
    }
    // Not one after the other: the first's handler may wait for what the second is to do.
    while (taken) Server::pop(taken)->give_back();
    run_or_leave_brought();
    return report;
  }

  bool wait_for_rest(seam::Clock::time_point deadline) {
    bool rest = false;
    watch(+1);
    while (true) {
      const std::uint32_t heard = bell.load(std::memory_order_acquire);
      {
        Locked locked(lock);
        rest = all_asleep();
      }
      if (rest || !seam::sleep(bell, heard, deadline)) break;
    }
    watch(-1);
    return rest;
  }

  void watch(int change) {
    Locked locked(lock);
    // seq_cst: comes before our look at the served processes; see Server::let_go.
    watchers.fetch_add(static_cast<std::uint32_t>(change), std::memory_order_seq_cst);
  }
};

namespace {
constinit Roll roll;

// Locked over a fork: a child would wait for ever for a thread of its parent's (C49).
[[maybe_unused]] const int kMindsForks = pthread_atfork([]() CSP_UNCHECKED { roll.lock.lock(); },
                                                        []() CSP_UNCHECKED { roll.lock.unlock(); },
                                                        []() CSP_UNCHECKED { roll.lock.unlock(); });
}  // namespace

Sleeper::Sleeper(const Operation& operation, std::span<const Waiter> cases)
    : operation_(operation),
      cases_(cases),
      process_(Process::current_name()),
      beneath_(carrier.beneath),
      processes_(carrier.server ? carrier.server->is_process() + (carrier.beneath != nullptr)
                                : current_process != nullptr),
      since_(seam::now()) {
  roll.link(this);
}

Sleeper::Sleeper(const Operation& operation, std::span<const Waiter> cases,
                 std::string_view process)
    : operation_(operation),
      cases_(cases),
      process_(process),
      beneath_(nullptr),
      processes_(1),
      since_(seam::now()) {
  roll.link(this);
}

Sleeper::~Sleeper() { roll.unlink(this); }

void rest_may_have_come() {
  // seq_cst: see Server::let_go.
  if (roll.watchers.load(std::memory_order_seq_cst) != 0) roll.tell();
}

void wait_for_report() { roll.wait_for_report(); }

void process_begins() { roll.count(+1); }
void process_ends() { roll.count(-1); }

}  // namespace detail

WaitingReport waiting() {
  WaitingReport report = detail::roll.report();
  std::sort(report.waiting.begin(), report.waiting.end(),
            [](const WaitingProcess& a, const WaitingProcess& b) { return a.process < b.process; });
  return report;
}

bool wait_for_rest(std::chrono::steady_clock::time_point deadline) {
  return detail::roll.wait_for_rest(deadline);
}

std::string to_text(const WaitingReport& report) {
  std::string text;
  for (const WaitingProcess& entry : report.waiting) {
    text +=
        entry.process + std::string(entry.process.size() < 18 ? 18 - entry.process.size() : 1, ' ');
    for (std::size_t i = 0; i < entry.cases.size(); ++i) {
      text += (i ? " | " : "") + entry.cases[i];
    }
    if (entry.cases.empty()) text += "nothing that could happen";
    text += "   (" + std::to_string(entry.since.count() / 1'000'000) + " ms)\n";
  }
  text += report.all_asleep
              ? "all " + std::to_string(report.processes) + " processes are asleep\n"
              : "of " + std::to_string(report.processes) + " processes some are running\n";
  return text;
}

}  // namespace csp
