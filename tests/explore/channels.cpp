// SPDX-License-Identifier: Apache-2.0
//
// Runs the lines of channels.hpp. Each thread's calls are performed by a thread of the model, which
// records the history; the history is then judged.
#include "explore/channels.hpp"

#include <csp/channel.hpp>
#include <unordered_set>

#include "core/channel.hpp"
#include "explore/arena.hpp"
#include "linearize/operate.hpp"

namespace explore {
namespace {

using csp::detail::Core;
using linearize::Action;
using linearize::Call;
using linearize::Ended;

class ChannelScenario : public Scenario {
 public:
  explicit ChannelScenario(std::string line)
      : line_(std::move(line)), config_(linearize::parse(line_)) {}

  std::string name() const override { return line_; }

  void begin(Model& model) override {
    model_ = &model;
    run_ = new Run;
    run_->history.capacities = config_.capacities;
    run_->history.calls.reserve(64);
    for (const std::size_t capacity : config_.capacities) {
      run_->channels.push_back(csp::Channel<linearize::Item>::make("", capacity));
    }
    run_->now.resize(config_.threads.size(), kNoCall);
    for (std::size_t t = 0; t < config_.threads.size(); ++t) {
      model.spawn("t" + std::to_string(t), [this, t] {
        for (const Action& action : config_.threads[t]) perform(t, action);
      });
    }
  }

  const char* broken() override {
    for (const csp::Channel<linearize::Item>& channel : run_->channels) {
      // A channel's lock is one word, which is zero when free. The channel's state is checked only
      // then.
      static_assert(sizeof(csp::detail::Lock) == sizeof(Word));
      const Word& lock = reinterpret_cast<const Word&>(channel.core()->lock());
      if (lock.peek() == 0 && !channel.core()->holds_invariants()) return "one of I1..I5";
    }
    return nullptr;
  }

  void parked(int thread) override {
    Call& call = run_->history.calls[run_->now[static_cast<std::size_t>(thread)]];
    call.parked = tick(thread, 2);
  }

  std::string judge(Model& model) override {
    for (int t = 0; t < model.threads(); ++t) {
      if (model.finished(t)) continue;
      const std::size_t now = run_->now[static_cast<std::size_t>(t)];
      if (run_->history.calls[now].parked == linearize::kNever) {
        return std::string(model.name_of(t)) + " sleeps, but not in a channel's queue";
      }
    }
    if (const char* const what = broken()) return what;
    if (std::string what = counts(); !what.empty()) return what + text();
    // Most schedules give a history that was judged before.
    if (!good_.contains(run_->log)) {
      if (std::string what = linearize::check(run_->history); !what.empty()) return what;
      const arena::Scope outside(false);
      good_.insert(run_->log);
    }
    return {};
  }

 private:
  static constexpr std::size_t kNoCall = static_cast<std::size_t>(-1);

  struct Run {
    linearize::Channels channels;
    linearize::History history;
    std::vector<std::size_t> now;  // each thread's current call in `history`
    std::stop_source stop;
    std::uint32_t clock = 0;
    Hash log = 0;  // of everything that the history holds, in order
  };

  std::uint32_t tick(int thread, std::size_t what) {
    run_->log = mix(run_->log, static_cast<std::size_t>(thread) * 1000 + what);
    return ++run_->clock;
  }

  void perform(std::size_t thread, const Action& action) {
    if (action.requests_stop) {
      csp::detail::seam::global_step("requests stop");
      run_->stop.request_stop();
      return;
    }
    const std::size_t index = run_->history.calls.size();
    run_->history.calls.push_back(action.call);
    run_->now[thread] = index;
    Call& call = run_->history.calls[index];
    call.called = tick(static_cast<int>(thread), 1);
    const std::string wrong =
        linearize::operate(call, action.patience, csp::Clock::time_point(std::chrono::hours(1)),
                           run_->channels, run_->stop.get_token());
    if (!wrong.empty()) model_->fail(wrong);
    call.returned = tick(static_cast<int>(thread), 3 + static_cast<std::size_t>(call.ended) +
                                                       10 * (call.happened + 10U * call.received));
  }

  /// Compares what the channels hold with what the calls did.
  std::string counts() const {
    std::vector<std::ptrdiff_t> held(run_->channels.size());
    std::vector<std::size_t> senders(run_->channels.size());
    std::vector<std::size_t> receivers(run_->channels.size());
    std::size_t pending = 0;
    for (const Call& call : run_->history.calls) {
      if (call.ended == Ended::pending) {
        ++pending;
        for (std::size_t c = 0; c < call.count; ++c) {
          ++(call.cases[c].sends ? senders : receivers)[call.cases[c].channel];
        }
      } else if (call.ended == Ended::ok && !call.closes) {
        const linearize::Case& one = call.cases[call.happened];
        held[one.channel] += one.sends ? 1 : -1;
      }
    }
    for (std::size_t i = 0; i < held.size(); ++i) {
      const Core& core = *run_->channels[i].core();
      if (static_cast<std::ptrdiff_t>(core.size()) != held[i]) return "lost or invented a value\n";
      if (core.waiting_senders() != senders[i] || core.waiting_receivers() != receivers[i]) {
        return "the operations in the queues are not those of the sleeping threads\n";
      }
      if (pending == 0 && !core.holds_nothing()) return "a finished call is still queued\n";
    }
    if (pending == 0) run_->channels.clear();
    return {};
  }

  std::string text() const { return linearize::to_text(run_->history); }

  const std::string line_;
  const linearize::Config config_;
  Model* model_ = nullptr;
  Run* run_ = nullptr;  // in the arena
  std::unordered_set<Hash> good_;
};

}  // namespace

std::unique_ptr<Scenario> channel_scenario(const std::string& line) {
  return std::make_unique<ChannelScenario>(line);
}

}  // namespace explore
