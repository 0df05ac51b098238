// SPDX-License-Identifier: Apache-2.0
//
// The rounds of a served process, wherever they run; see server.hpp for who runs them.
//
// A round: `arm` asks the predicates; `settle` makes a case happen now, or else parks the process
// with all its cases queued; `fire` runs the handler of the one that happened. Parking is the one
// place where the baton is let go without being handed to anybody. It is done under the locks of
// all the process's channels, so that no message can slip in between the look and the queueing.
// From that moment on another thread may be the process, and may have gone on to its next rounds
// before we have freed the last of the locks. What of the server's we still read then (the list of
// locks) stays as it is: before he changes that, he gives up the process's places, and for each he
// needs its channel's lock.
#include "server.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "csp/process.hpp"
#include "current_process.hpp"
#include "passes.hpp"
#include "sleepers.hpp"
#include "threadless.hpp"

namespace csp::detail {

constinit thread_local Carrier carrier CSP_NEAR;

namespace {

/// Rounds that a thread runs for a process it has brought one message to. Others may keep bringing
/// theirs while it does; its own caller waits.
constexpr unsigned kRounds = 64;

/// Makes the calling thread the process for a scope: what it sends, and where it waits, is told
/// under the process's name. `server` is null on the process's own thread.
class Acting {
 public:
  Acting(const Server* server, const std::string* process)
      : carrier_(carrier), process_(current_process) {
    carrier.runs = true;
    if (!server) return;
    carrier.server = server;
    carrier.beneath = current_process;
    current_process = process;
  }
  ~Acting() {
    current_process = process_;
    carrier.server = carrier_.server;
    carrier.beneath = carrier_.beneath;
    carrier.runs = carrier_.runs;
  }
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;

 private:
  const Carrier carrier_;
  const std::string* const process_;
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
    run_brought();
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

void Server::bring(bool carries) {
  next_ = (claimed_.load(std::memory_order_relaxed) & ~kFlags) - kFirstCase;
  hand_over(carries);
}

/// Hands the baton to this thread, for when it is done with what it does; or to the own one.
void Server::hand_over(bool carries) {
  if (!carries || carrier.never > 0) return leave();
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
  const Acting acting(by == By::own ? nullptr : this, process_);
  const bool own = by != By::carrier;  // may do all that the own thread may
  for (unsigned round = 0; !ended_; ++round) {
    if (next_ == kNotYet) {
      const std::size_t come = settle(own);
      if (come == kParked) return true;  // nothing here is ours any more
      if (come == kForOwn && own) continue;
      if (come != kForOwn) next_ = come;
    }
    const bool only_own = next_ == kNotYet || next_ == setup_.on_timeout || next_ == setup_.on_stop;
    if (!own && (only_own || round == kRounds)) {
      leave();
      return true;
    }
    // Whom the round before has brought a message must not wait for all the rounds to come.
    if (round > 0) leave_brought();
    fire();
  }
  if (by == By::own) return false;
  if (home_ && !home_->has_thread()) {
    home_->end();
  } else {
    leave();
  }
  return true;
}

/// The handler of the case that happened, and the next round's predicates.
void Server::fire() {
  try {
    Waiter& happened = served_.cases[next_];
    trace_.end(happened, waited_);
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
  waited_ = false;
  due_ = false;
}

/// Makes a case happen and tells which; or parks the process, and then the baton is gone; or finds
/// that only the own thread can go on.
std::size_t Server::settle(bool own) {
  const std::size_t come = stay(own) ? kParked : look_or_park(own);
  if (come == kParked) rest_may_have_come();
  return come;
}

/// Parks it where it is, if it may and nothing has come about since it was claimed.
bool Server::stay(bool own) {
  const Patience& patience = setup_.patience;
  if (!queued_ || !may_stay_ || due_ || patience.deadline == kAtOnce) return false;
  if (patience.stop && patience.stop->stop_requested()) return false;
  if (!own && patience.deadline < own_wakes_) return false;
  if (own) own_wakes_ = patience.deadline;
  return let_go();
}

std::size_t Server::look_or_park(bool own) {
  LockSet locks(served_.cases);
  Operation* peer = nullptr;
  locks.lock();
  if (const Waiter* const happened = look(served_.cases, Choice::uniform, peer)) {
    locks.unlock();
    if (peer) peer->complete(true);
    return static_cast<std::size_t>(happened - served_.cases.data());
  }
  const Patience& patience = setup_.patience;
  std::size_t come = kParked;
  if (due_ || patience.deadline == kAtOnce) {
    come = setup_.on_timeout;
  } else if (patience.stop && patience.stop->stop_requested()) {
    come = setup_.on_stop;
  } else if (!own && patience.deadline < own_wakes_) {
    come = kForOwn;  // it must sleep less long
  } else {
    if (own) own_wakes_ = patience.deadline;
    take_places(locks.all_differ());
    if (!let_go()) {
      // acquire: what the question is about, such as a stop request, is seen when we look again.
      // What is asked after this is asked anew.
      claimed_.exchange(kOwn, std::memory_order_acq_rel);
      come = kForOwn;
    }
  }
  locks.unlock();
  return come;
}

/// Lets go of the baton for whoever comes next; false: somebody has come already.
bool Server::let_go() {
  waited_ = true;
  std::uint32_t held = claimed_.load(std::memory_order_relaxed);
  // seq_cst: as release it hands on all we did as the process. And it comes before the look for
  // watchers in rest_may_have_come(), as a watcher's registering comes before his look at this
  // word: one of the two sees the other, else rest would come and nobody tell.
  if ((held & kFlags) == 0 &&
      claimed_.compare_exchange_strong(held, kNobody, std::memory_order_seq_cst)) {
    return true;
  }
  waited_ = false;
  return false;
}

/// Behind all others, as any select that begins now. Under the locks of all the channels.
void Server::take_places(bool may_stay) CSP_UNCHECKED {
  for (Waiter& waiter : served_.cases) {
    if (!waiter.channel) continue;
    if (queued_) {
      waiter.channel->dequeue(waiter);
    } else {
      waiter.channel->retain();
    }
  }
  enqueue(served_.cases, *this, Choice::uniform);
  // Who came by until now has left what he did on the channels, where we have just looked. relaxed:
  // it is set under the channels' locks, and those we hold.
  std::uint32_t held = claimed_.load(std::memory_order_relaxed);
  while ((held & kMissed) != 0 &&
         !claimed_.compare_exchange_strong(held, held & ~kMissed, std::memory_order_relaxed)) {
  }
  queued_ = true;
  may_stay_ = may_stay;
}

void Server::give_up_places() {
  if (!std::exchange(queued_, false)) return;
  for (Waiter& waiter : served_.cases) {
    if (!waiter.channel) continue;
    {
      Locked locked(waiter.channel->lock());
      waiter.channel->dequeue(waiter);
    }
    waiter.channel->release();
  }
}

void run_all_brought() {
  while (carrier.first_brought) Server::pop(carrier.first_brought)->run(Server::By::carrier);
}

void leave_all_brought() {
  while (carrier.first_brought) Server::pop(carrier.first_brought)->leave();
}

}  // namespace csp::detail
