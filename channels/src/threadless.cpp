// SPDX-License-Identifier: Apache-2.0
//
// A process without a thread: how it gets one, and how it ends. See threadless.hpp.
#include "threadless.hpp"

#include <utility>

#include "current_process.hpp"

namespace csp::detail {

Threadless::Threadless(const std::string& name, Served& served,
                       std::function<void(std::exception_ptr)> at_end)
    : name_(name), at_end_(std::move(at_end)), server_(served, name, *this) {
  sleeper_.emplace(server_, served.cases, name);
}

void Threadless::go_on_by_thread() {
  has_thread_ = true;
  try {
    thread_.emplace(name_, [this] { run_thread(); });
  } catch (...) {  // no thread, or no memory for one
    has_thread_ = false;
    server_.run(Server::By::proxy);
    return;
  }
  const seam::Word* const stored = &stored_;
  // release: the thread, and whoever joins after its end, sees thread_. Then the process may be
  // gone; only the address is used.
  stored_.exchange(1, std::memory_order_release);
  seam::wake_one(stored);
}

void Threadless::run_thread() {
  // acquire: pairs with the release above, and what was done as the process before is seen too.
  while (stored_.load(std::memory_order_acquire) == 0) seam::sleep(stored_, 0, kNever);
  current_process = &name_;
  server_.go_on();
  const std::exception_ptr error = server_.finish();
  run_brought();
  end(error);
  current_process = nullptr;
}

void Threadless::end(std::exception_ptr error) {
  sleeper_.reset();
  at_end_(std::move(error));
  const seam::Word* const ended = &ended_;
  // release: who joins sees all that the process did. Then it may be gone; only the address is
  // used, as a name.
  if (ended_.exchange(kEnded, std::memory_order_release) == kAwaited) seam::wake_one(ended);
}

void Threadless::join() {
  // Perhaps it is we who were to run it: a handler that joins.
  leave_brought();
  std::uint32_t runs = kRuns;
  // acquire, here and below: pairs with the release of end().
  if (ended_.compare_exchange_strong(runs, kAwaited, std::memory_order_acquire)) {
    while (ended_.load(std::memory_order_acquire) == kAwaited) {
      seam::sleep(ended_, kAwaited, kNever);
    }
  }
  if (thread_) thread_->join();  // it is about to return from end()
}

}  // namespace csp::detail
