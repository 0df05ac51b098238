// SPDX-License-Identifier: Apache-2.0
//
// The rounds of a served process, wherever they run; see server.hpp for who runs them.
//
// A round: `arm` asks the predicates; `settle` makes a case happen now, or else parks the process
// with all its cases queued (parking.cpp); `fire` runs the handler of the one that happened.
#include "server.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "csp/process.hpp"
#include "current_process.hpp"
#include "sleepers.hpp"
#include "threadless.hpp"

namespace csp::detail {

constinit thread_local Carrier carrier CSP_NEAR;

namespace {

/// Rounds that a thread runs for a process in one call, to which it has brought one message. Others
/// may keep bringing theirs while it does, or two processes send to each other again and again; its
/// own caller waits.
constexpr unsigned kRounds = 64;

/// Makes the calling thread the process for a scope: what it sends, and where it waits, is told
/// under the process's name. `server` is null on the process's own thread.
class Acting {
 public:
  Acting(const Server* server, const std::string* process)
      : server_(carrier.server),
        beneath_(carrier.beneath),
        process_(current_process),
        later_(carrier.later),
        closes_(carrier.closes),
        runs_(carrier.runs) {
    carrier.runs = true;
    carrier.later = 0;
    carrier.closes = 0;
    if (!server) return;
    carrier.server = server;
    carrier.beneath = current_process;
    current_process = process;
  }
  ~Acting() {
    carrier.server = server_;
    carrier.beneath = beneath_;
    current_process = process_;
    carrier.later = later_;
    carrier.closes = closes_;
    carrier.runs = runs_;
  }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;

 private:
  const Server* const server_;
  const std::string* const beneath_;
  const std::string* const process_;
  const unsigned later_;
  const unsigned closes_;
  const bool runs_;
};

/// Rounds may be run within others', of a process that gets no thread; whom those have put off
/// may be whom these wait for. Whom these put off is woken when the baton is gone.
struct WakesLate {
  WakesLate() {
    wake_late();
    carrier.numbered = false;  // what the thread has told before is told
  }
  ~WakesLate() { wake_late(); }
  WakesLate(const WakesLate&) = delete;
  WakesLate& operator=(const WakesLate&) = delete;
};

}  // namespace

Server::Server(Served& served)
    : Operation(kOwn, this),
      served_(served),
      is_process_(current_process != nullptr),
      name_(is_process_ ? std::string_view() : Process::current_name()),
      process_(is_process_ ? current_process : &name_) {}

Server::Server(Served& served, const std::string& name, Threadless& home)
    : Operation(kOwn, this), served_(served), is_process_(true), process_(&name), home_(&home) {}

void Server::host() {
  struct Ask {
    Server* server;
    void operator()() const noexcept {
      if (server->take_or_ask()) server->leave();
    }
  };
  std::optional<seam::StopCallback<Ask>> watch;
  const Sleeper sleeper(*this, served_.cases);
  arm();
  if (served_.stop && served_.stop->stop_possible()) watch.emplace(*served_.stop, Ask{this});
  go_on();
  watch.reset();
  const std::exception_ptr error = finish();
  run_brought();
  if (error) std::rethrow_exception(error);
}

void Server::go_on() {
  while (run(By::own)) {
    // Parked, or somebody else's: it is not this thread that is the process meanwhile.
    const std::string* const process = std::exchange(current_process, nullptr);
    run_or_leave_brought();
    current_process = process;
    wait_for_baton();
  }
}

std::exception_ptr Server::finish() {
  give_up_places();
  return error_;
}

void Server::begin() {
  try {
    arm();
  } catch (...) {
    error_ = std::current_exception();
    ended_ = true;
  }
  hand_over(true);
  run_brought();
}

/// Sleeps until somebody has handed us the baton, or our deadline lets us take it.
void Server::wait_for_baton() {
  // Ours to read without the baton: only we write it, before we park.
  Clock::time_point until = own_wakes_;
  std::uint32_t awake = kAwake;
  // acquire: what was done as the process before the baton came to us is seen by us.
  if (signal_.compare_exchange_strong(awake, kAsleep, std::memory_order_acquire)) {
    while (!published()) {
      if (seam::sleep(signal_, kAsleep, until)) continue;
      if (take_or_ask()) {
        // The round that is parked now may be a later one, whose time has not come yet.
        due_ = setup_.patience.deadline <= until;
        break;
      }
      until = kNever;  // the baton is on its way
    }
  }
  // relaxed: nobody else looks at it before we let go of the baton, which releases it.
  signal_.store(kAwake, std::memory_order_relaxed);
}

bool Server::take_or_ask() {
  std::uint32_t holder = claimed_.load(std::memory_order_relaxed);
  while (true) {
    // acq_rel: as claim(); and who parks sees why it was asked for (a stop request) when it finds
    // kAsked.
    if (holder == kNobody) {
      if (claimed_.compare_exchange_strong(holder, kOwn, std::memory_order_acq_rel)) return true;
    } else if ((holder & kAsked) != 0 || claimed_.compare_exchange_strong(
                                             holder, holder | kAsked, std::memory_order_acq_rel)) {
      return false;
    }
  }
}

void Server::give_back() {
  if (!let_go()) return hand_over(true);
  rest_may_have_come();
}

void Server::bring(bool carries) {
  hear();
  hand_over(carries);
}

/// Not to the own thread at once, which might be run here and now, where there is none to be had.
void Server::bring_listed() {
  hear();
  list();
}

void Server::hear() {
  next_ = (claimed_.load(std::memory_order_relaxed) & ~kFlags) - kFirstCase;
  if (const Waiter& happened = served_.cases[next_]; happened.sequence != 0) [[unlikely]] {
    const std::string* const bringer = std::exchange(current_process, process_);
    trace_.tell(happened);
    current_process = bringer;
  }
}

/// Hands the baton to this thread, for when it is done with what it does; or to the own one.
void Server::hand_over(bool carries) {
  if (!carries || carrier.never > 0) return leave();
  list();
}

void Server::list() {
  next_listed_ = nullptr;
  (carrier.first_brought ? carrier.last_brought->next_listed_ : carrier.first_brought) = this;
  carrier.last_brought = this;
}

void Server::leave() {
  if (home_ && !home_->has_thread()) {
    home_->go_on_by_thread();
  } else {
    publish();
  }
}

bool Server::run(By by) {
  const WakesLate late;
  const Acting acting(by == By::own ? nullptr : this, process_);
  const bool own = by != By::carrier;  // may do all that the own thread may
  if (std::exchange(carried_by_, &carrier) != &carrier || carried_in_ != carrier.call) {
    carried_in_ = carrier.call;
    carried_ = 0;
  }
  for (unsigned round = 0; !ended_; ++round, ++carried_) {
    if (next_ == kNotYet) {
      const std::size_t come = settle(own);
      if (come == kParked) return true;  // nothing here is ours any more
      if (come == kForOwn && own) continue;
      if (come != kForOwn) next_ = come;
    }
    const bool only_own = next_ == kNotYet || next_ == setup_.on_timeout || next_ == setup_.on_stop;
    if (!own && (only_own || carried_ >= kRounds)) {
      leave();
      return true;
    }
    // Whom the round before has brought a message, or put off, must not wait for all to come.
    if (round > 0) leave_brought();
    fire();
  }
  if (by == By::own) return false;
  if (home_ && !home_->has_thread()) {
    wake_late();  // what the process's function owns may join them as it is destroyed
    home_->end(finish());
  } else {
    leave();
  }
  return true;
}

/// The handler of the case that happened, and the next round's predicates.
void Server::fire() {
  try {
    Waiter& happened = served_.cases[next_];
    TracedCall::end(happened);
    happened.sequence = 0;
    ended_ = !served_.fire(std::exchange(next_, kNotYet));
    if (!ended_) arm();
  } catch (...) {
    error_ = std::current_exception();
    ended_ = true;
  }
}

void Server::arm() {
  setup_ = served_.arm();
  const std::span<const Case> armed = served_.armed;
  if (!std::equal(armed.begin(), armed.end(), served_.cases.begin())) {
    give_up_places();
    adopt(served_);
  }
  trace_.begin(served_.cases);
  due_ = false;
}

void run_all_brought() {
  ++carrier.call;
  while (carrier.first_brought) Server::pop(carrier.first_brought)->run(Server::By::carrier);
}

void leave_all_brought() {
  while (carrier.first_brought) Server::pop(carrier.first_brought)->leave();
}

}  // namespace csp::detail
