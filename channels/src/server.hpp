// SPDX-License-Identifier: Apache-2.0
//
// Server: a process that is a loop over one select (csp/serve.hpp), hosted so that whoever brings
// it a message can run its next rounds. It is an Operation that is queued again and again.
//
//   baton    To be the process is to have claimed its operation. Parked, its cases are queued and
//            nobody has claimed; a peer on one of its channels claims as with any operation, and is
//            the process from then on until it parks it again. So exactly one thread at a time is
//            the process, and all it knows is handed from one to the next by the claim.
//   own      The process's own thread sleeps meanwhile, as it would in a select. It gets the baton
//            when somebody cannot go on himself (the loop has ended, a deadline is due, he may not
//            carry) and publishes the operation as one publishes to any waiting thread. If it wants
//            the baton (deadline, stop request) while another has it, it sets kAsked on the claim,
//            and who parks the process then hands it over instead. A process that began without a
//            thread (threadless.hpp) gets one when it is first left to its own.
//   places   While the process is busy its cases stay queued; whoever comes by there finds it
//            claimed, sets kMissed on the claim and does what he does if nobody waits. So if the
//            next round waits for the same cases and neither flag is set, nothing has come about on
//            any of the channels, and taking the claim back is all there is to do: one
//            compare-exchange, no lock. Otherwise it looks, under the locks of all its channels,
//            and goes behind all others there before it parks. Without a place while it is busy,
//            those who come by would not know of it, and queue instead of coming again (lobby.hpp);
//            and as long as one is queued it is busy.
//   brought  A peer that has claimed a server first completes what it is in the middle of: it has
//            locks, perhaps, or is itself in a handler. So servers are put on the thread's list,
//            and run when the outermost call is done: no recursion, however long a chain of
//            processes is. Before a thread sleeps, or when a try finds nothing, it leaves those on
//            its list to their own threads, since it may be them it waits for.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "annotations.hpp"
#include "csp/detail/core.hpp"
#include "operation.hpp"
#include "passes.hpp"
#include "trace_hook.hpp"

namespace csp::detail {

class Threadless;
struct Carrier;

class Server final : public Operation {
 public:
  /// The process of the calling thread.
  explicit Server(Served& served);
  /// A process that has no thread yet.
  Server(Served& served, const std::string& name, Threadless& home);

  /// By the process's own thread: rounds, until the last. Rethrows what a handler threw.
  void host();

  /// Of a process without a thread: the first rounds, on this thread if it carries.
  void begin();

  /// By the own thread, with the baton: rounds, until the last.
  void go_on();

  /// After the last round, by who has the baton. Returns what a handler threw.
  std::exception_ptr finish();

  /// By the thread that has claimed one of its cases.
  void bring(bool carries);
  /// The same, but it stays on the thread's list until that is run or left.
  void bring_listed();

  /// Who runs the rounds.
  enum class By {
    own,      ///< the process's own thread
    carrier,  ///< another, for as long as it pleases him
    proxy,    ///< another, since there is no thread to be had
  };

  /// By whoever has the baton: as many rounds as can be without waiting. After it returns the baton
  /// is somebody else's, or the server is gone, except that the own thread keeps it at the end,
  /// which is then told by false.
  bool run(By by);

  /// Takes the baton; false: somebody has it, and will hand it to the own thread before long.
  bool take_or_ask();

  /// Takes the baton only if nobody has it, to look at the cases.
  bool take() { return claim(kOwn); }
  /// After take(): parks it again, or has whoever may look what has come meanwhile.
  void give_back();

  /// Hands the baton to the own thread.
  void leave();

  /// Lists of servers whose baton one has.
  void push(Server*& first) { next_listed_ = std::exchange(first, this); }
  static Server* pop(Server*& first) { return std::exchange(first, first->next_listed_); }

  /// Counts when "all processes are asleep".
  bool is_process() const { return is_process_; }

 private:
  static constexpr std::uint32_t kOwn = kDeadline;  // the claim of who came by no case
  static constexpr std::uint32_t kAsked = 1U << 31;
  static constexpr std::uint32_t kFlags = kAsked | kMissed;
  // What a round comes to, besides the index of a case.
  static constexpr std::size_t kParked = static_cast<std::size_t>(-3);
  static constexpr std::size_t kForOwn = static_cast<std::size_t>(-4);
  static constexpr std::size_t kNotYet = static_cast<std::size_t>(-5);

  void hear();
  void hand_over(bool carries);
  void list();
  void arm();
  void fire();
  std::size_t settle(bool own);
  bool stay(bool own);
  std::size_t look_or_park(bool own);
  bool let_go();
  void take_places(bool may_stay);
  void give_up_places();
  void wait_for_baton();

  Served& served_;
  const bool is_process_;
  const std::string name_;  // of a thread that is no csp::Process
  const std::string* const process_;
  Threadless* const home_ = nullptr;  // of a process that began without a thread

  // The rest belongs to whoever has the baton.
  Setup setup_;
  std::size_t next_ = kNotYet;  // which case is to be fired
  bool due_ = false;            // its deadline has passed
  bool ended_ = false;
  bool queued_ = false;    // its cases have places in the queues, whose channels it keeps alive
  bool may_stay_ = false;  // no channel is in two of them: then each round draws which is first
  LockSet locks_;          // of the cases; made anew only while they are not queued (parking.cpp)
  std::exception_ptr error_;
  Clock::time_point own_wakes_ = kNever;  // until when the own thread sleeps at most
  TracedCall trace_;
  Server* next_listed_ = nullptr;
  const Carrier* carried_by_ = nullptr;  // who ran it last, in which of his calls,
  unsigned carried_in_ = 0;
  unsigned carried_ = 0;  // and how many rounds
};

/// What a thread has to do with processes that are not its own. Trivial, so that it may be used in
/// the last destructors of a thread (C48).
struct Carrier {
  Waiter* expected = nullptr;  // what a call() on this thread will receive next
  Waiter* owed = nullptr;      // what it has received, while that is numbered and not yet traced
  const std::string* caller = nullptr;  // which process calls, if it is one
  Server* first_brought = nullptr;
  Server* last_brought = nullptr;
  const Server* server = nullptr;        // whose rounds it runs, if not its own
  const std::string* beneath = nullptr;  // its own process meanwhile, if it is one
  bool runs = false;                     // a round is under way on this thread
  unsigned never = 0;                    // how many never_carry there are
  unsigned closes = 0;                   // and carry_closes
  unsigned later = 0;                    // and wake_later, in the handler that runs
  std::size_t late = 0;                  // how many it has yet to wake (late_wakes.hpp)
  unsigned call = 0;                     // of those in which it has run others' rounds
  Lobby::Passer passer{};
  bool numbered = false;  // something was told to the trace in this round
};
extern thread_local Carrier carrier CSP_NEAR;

/// Makes the cases what was armed.
inline void adopt(const Served& served) {
  for (std::size_t i = 0; i < served.cases.size(); ++i) served.cases[i] = {served.armed[i]};
}

void run_all_brought();
void leave_all_brought();
void wake_all_late();

/// Wakes whom this thread has put off.
inline void wake_late() {
  if (carrier.late > 0) wake_all_late();
}

/// Runs the servers that this thread has brought messages to, unless it is in a round itself.
inline void run_brought() {
  if (carrier.first_brought && !carrier.runs) run_all_brought();
}
/// Hands them to their own threads, and wakes whom it has put off: before it sleeps, or goes on to
/// what may take any time.
inline void leave_brought() {
  if (carrier.first_brought) leave_all_brought();
  wake_late();
}

/// For who has to go on or to sleep now: in a round itself, it does not run others'.
inline void run_or_leave_brought() { carrier.runs ? leave_brought() : run_brought(); }

inline void Operation::complete(bool carries) {
  if (server_) {
    server_->bring(carries);
  } else {
    publish(wake_now_or_late);
  }
}

}  // namespace csp::detail
