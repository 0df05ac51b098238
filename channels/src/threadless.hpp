// SPDX-License-Identifier: Apache-2.0
//
// Threadless: a served process that has no thread until it needs one (csp::serving). To start a
// thread, or to wake a parked one, and to wait for its end, costs more than most processes ever do;
// and while its rounds run on the threads that bring it messages, its own would only sleep. So it
// begins and ends on others' threads too. It gets one when it is first left to its own thread
// (server.hpp), and keeps it.
//
//   birth   Who has the baton starts the thread and hands it the baton in that. The thread first
//           waits until it is told that its starter is done: else it could be at its end, and the
//           process gone, before the starter has stored which thread it is to be joined.
//   none    If the system has no thread to give, the holder of the baton goes on as its proxy: he
//           may then wait for a handler though he should not, but nobody waits for ever.
//   end     Whoever runs the last round ends the process: its places are given up, its function is
//           destroyed, and last of all the word is set on which join() sleeps.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>

#include "seam.hpp"
#include "server.hpp"
#include "sleepers.hpp"

namespace csp::detail {

class Threadless {
 public:
  /// `at_end` is called with what a handler threw, or null, when nothing of `served` is used any
  /// more, by the process. `name` stays the process's.
  Threadless(const std::string& name, Served& served,
             std::function<void(std::exception_ptr)> at_end);

  /// The first rounds.
  void begin() { server_.begin(); }

  /// Blocks until it has ended; then nobody touches it any more.
  void join();

  // By the holder of the baton.
  bool has_thread() const { return has_thread_; }
  void go_on_by_thread();
  void end(std::exception_ptr error);  // after Server::finish()

 private:
  enum : std::uint32_t { kRuns = 0, kEnded = 1, kAwaited = 2 };

  void run_thread();

  const std::string& name_;
  const std::function<void(std::exception_ptr)> at_end_;
  Server server_;
  std::optional<Sleeper> sleeper_;  // on the roll until its end
  bool has_thread_ = false;         // goes with the baton
  std::optional<seam::Thread> thread_;
  seam::Word stored_{0};  // 1: thread_ is
  seam::Word ended_{kRuns};
};

}  // namespace csp::detail
