// SPDX-License-Identifier: Apache-2.0
//
// C5: every channel has one total order of completed operations that respects real time and the
// sequential specification (a bounded FIFO that can be closed). A few threads run short random
// programs on one channel. Each operation takes a stamp before its call and after its return. Then
// a search looks for an order of the operations in which each gives the right answer, and none
// precedes another that returned before it was called (Wing and Gong's method, with memory of
// visited states).
//
// Failing operations take part: would_block and timeout claim that at some moment between call and
// return the channel was not ready. A rendezvous is one step of two operations.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <csp/csp.hpp>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "support/scale.hpp"
#include "support/seed.hpp"
#include "support/threads.hpp"

namespace {

using csp::Channel;
using csp::Outcome;
using namespace std::chrono_literals;

enum class Kind { send, receive, close };

struct Operation {
  Kind kind = Kind::send;
  bool waits = false;  // could wait for a peer, so it may meet one in a rendezvous
  int value = 0;       // sent or received
  Outcome outcome = Outcome::ok;
  int called = 0;
  int returned = 0;
};

using History = std::vector<Operation>;

class Search {
 public:
  Search(const History& history, std::size_t capacity) : history_(history), capacity_(capacity) {}

  bool explains() {
    done_.assign(history_.size(), false);
    buffer_.clear();
    closed_ = false;
    return step();
  }

 private:
  // Operation i may be next if no other that is left returned before i was called.
  bool may_be_next(std::size_t i) const {
    for (std::size_t j = 0; j < history_.size(); ++j) {
      if (!done_[j] && j != i && history_[j].returned < history_[i].called) return false;
    }
    return !done_[i];
  }

  bool step() {
    if (std::find(done_.begin(), done_.end(), false) == done_.end()) return true;
    if (!seen_.insert(state()).second) return false;
    for (std::size_t i = 0; i < history_.size(); ++i) {
      if (may_be_next(i) && (alone(i) || together(i))) return true;
    }
    return false;
  }

  bool alone(std::size_t i) {
    const Operation& o = history_[i];
    const std::deque<int> buffer_before = buffer_;
    const bool closed_before = closed_;
    if (!apply(o)) return false;
    done_[i] = true;
    if (step()) return true;
    done_[i] = false;
    buffer_ = buffer_before;
    closed_ = closed_before;
    return false;
  }

  // The sequential specification, except for a rendezvous.
  bool apply(const Operation& o) {
    const bool ok = o.outcome == Outcome::ok;
    if (o.kind == Kind::close) {
      if (ok == closed_) return false;
      closed_ = true;
      return true;
    }
    if (o.kind == Kind::send) {
      if (ok) {
        if (closed_ || buffer_.size() >= capacity_) return false;
        buffer_.push_back(o.value);
        return true;
      }
      if (o.outcome == Outcome::closed) return closed_;
      return !closed_ && buffer_.size() >= capacity_;
    }
    if (ok) {
      if (buffer_.empty() || buffer_.front() != o.value) return false;
      buffer_.pop_front();
      return true;
    }
    if (o.outcome == Outcome::closed) return closed_ && buffer_.empty();
    return !closed_ && buffer_.empty();
  }

  bool together(std::size_t i) {
    const Operation& s = history_[i];
    if (capacity_ != 0 || s.kind != Kind::send || s.outcome != Outcome::ok || closed_) return false;
    for (std::size_t j = 0; j < history_.size(); ++j) {
      const Operation& r = history_[j];
      if (r.kind != Kind::receive || r.outcome != Outcome::ok || r.value != s.value) continue;
      if (!(s.waits || r.waits) || !may_be_next(j)) continue;
      done_[i] = done_[j] = true;
      if (step()) return true;
      done_[i] = done_[j] = false;
    }
    return false;
  }

  std::string state() const {
    std::string text(done_.begin(), done_.end());
    text += closed_ ? 'c' : 'o';
    for (const int value : buffer_) text += char(value);
    return text;
  }

  const History& history_;
  const std::size_t capacity_;
  std::vector<bool> done_;
  std::deque<int> buffer_;
  bool closed_ = false;
  std::set<std::string> seen_;
};

// One random operation. Operations that could block for ever have a short limit.
Operation perform_random(const Channel<int>& c, std::mt19937_64& random, int value,
                         bool may_close) {
  static const Channel<int> nil;
  Operation o{.value = value};
  std::optional<int> got;
  switch (random() % (may_close ? 9 : 8)) {
    case 0:
    case 1:
      o.outcome = c.try_send(int{value});
      break;
    case 2:
      o.waits = true;
      o.outcome = c.send_for(int{value}, 20us);
      break;
    case 3:
      o.waits = true;
      o.outcome = Outcome::timeout;
      csp::select_in_order(
          csp::on_send(c, int{value}, [&](Outcome outcome) { o.outcome = outcome; }),
          csp::on_receive(nil), csp::after(20us));
      break;
    case 4:
    case 5: {
      o.kind = Kind::receive;
      csp::Received<int> received = c.try_receive();
      o.outcome = received.outcome;
      got = received.value;
      break;
    }
    case 6: {
      o.kind = Kind::receive;
      o.waits = true;
      csp::Received<int> received = c.receive_for(20us);
      o.outcome = received.outcome;
      got = received.value;
      break;
    }
    case 7:
      o.kind = Kind::receive;
      o.waits = true;
      o.outcome = Outcome::timeout;
      csp::select_in_order(csp::on_receive(c,
                                           [&](std::optional<int> taken) {
                                             o.outcome = taken ? Outcome::ok : Outcome::closed;
                                             got = taken;
                                           }),
                           csp::on_receive(nil), csp::after(20us));
      break;
    default:
      o.kind = Kind::close;
      o.outcome = c.close();
  }
  if (o.kind == Kind::receive) o.value = got.value_or(0);
  return o;
}

std::string describe(const History& history) {
  std::string text;
  for (const Operation& o : history) {
    text += "\n  [" + std::to_string(o.called) + ", " + std::to_string(o.returned) + "] " +
            (o.kind == Kind::send      ? "send "
             : o.kind == Kind::receive ? "receive "
                                       : "close ") +
            std::to_string(o.value) + " " + std::string(csp::to_string(o.outcome));
  }
  return text;
}

void check_random_histories(std::size_t capacity, int threads, int operations, bool may_close) {
  const std::size_t rounds = support::scaled(1500);
  std::vector<History> histories(static_cast<std::size_t>(threads));
  std::atomic<int> clock{0};
  Channel<int> c;
  History all;
  int unexplained = 0;
  const auto check = [&]() noexcept {
    all.clear();
    for (History& history : histories) {
      all.insert(all.end(), history.begin(), history.end());
      history.clear();
    }
    if (!all.empty() && !Search(all, capacity).explains() && ++unexplained <= 3) {
      MESSAGE("no order explains, capacity " << capacity << ":" << describe(all));
    }
    c = Channel<int>::make("c", capacity);
  };
  check();
  std::barrier round_ends(threads, check);
  support::Threads group;
  group.run_each(threads, [&](int me) {
    std::mt19937_64 random = support::generator(std::uint64_t(me) + 1);
    for (std::size_t round = 0; round < rounds; ++round) {
      for (int i = 0; i < operations; ++i) {
        const int called = clock++;
        Operation o = perform_random(c, random, 1 + me * operations + i, may_close);
        o.called = called;
        o.returned = clock++;
        histories[std::size_t(me)].push_back(o);
      }
      round_ends.arrive_and_wait();
    }
  });
  group.join();
  CHECK(unexplained == 0);
}

}  // namespace

TEST_SUITE_BEGIN("linearizability");

TEST_CASE("C5: the checker accepts right histories and rejects wrong ones") {
  const Operation sent{.value = 1, .called = 0, .returned = 1};
  const Operation sent_next{.value = 2, .called = 2, .returned = 3};
  const Operation got_2{.kind = Kind::receive, .value = 2, .called = 4, .returned = 5};
  const Operation got_1{.kind = Kind::receive, .value = 1, .called = 6, .returned = 7};
  const Operation none{
      .kind = Kind::receive, .outcome = Outcome::would_block, .called = 4, .returned = 5};
  CHECK_FALSE(Search({sent, sent_next, got_2, got_1}, 2).explains());  // out of order
  CHECK_FALSE(Search({sent, none}, 1).explains());                     // spurious failure
  CHECK_FALSE(Search({sent, sent_next}, 1).explains());                // over capacity
  CHECK_FALSE(Search({sent, sent}, 0).explains());                     // a rendezvous alone
  CHECK(Search({sent, got_1}, 1).explains());
  Operation overlapping = got_2;
  overlapping.called = 2;
  CHECK(Search({sent_next, overlapping}, 1).explains());
}

TEST_CASE("C5: histories of two threads are linearizable: all operations, capacities 0 to 2") {
  for (const std::size_t capacity : {0, 1, 2}) check_random_histories(capacity, 2, 5, false);
}

TEST_CASE("C5: histories of three threads are linearizable: close included, capacities 0 to 2") {
  for (const std::size_t capacity : {0, 1, 2}) check_random_histories(capacity, 3, 4, true);
}

TEST_SUITE_END();
