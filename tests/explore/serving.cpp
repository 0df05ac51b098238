// SPDX-License-Identifier: Apache-2.0
//
// Runs the lines of serving.hpp. A thread called main owns the processes and starts the others;
// what they share lies in a Run, in the arena.
#include "explore/serving.hpp"

#include <csp/channel.hpp>
#include <csp/process.hpp>
#include <csp/serve.hpp>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core.hpp"

namespace explore {
namespace {

using csp::Outcome;
using Words = std::vector<std::string>;

class ServingScenario : public Scenario {
 public:
  explicit ServingScenario(const std::string& line) : line_(line) {
    std::istringstream in(line);
    std::string head;
    std::string word;
    std::getline(in, head, ':');
    std::istringstream begin(head);
    begin >> word >> processes_;
    bool understood = begin && in && word == "serving";
    while (begin >> word) {
      if (word == "~") {
        timed_ = true;
      } else if (word == "flies") {
        time_ = Model::Time::flies;
      } else if (word == "varies") {
        time_ = Model::Time::varies;
      } else {
        understood = false;
      }
    }
    if (!understood) {
      throw std::invalid_argument("scenario '" + line +
                                  "': begin with 'serving PROCESSES [~] [flies|varies]:'");
    }
    threads_.emplace_back();
    while (in >> word) {
      if (word == "|") {
        threads_.emplace_back();
      } else {
        threads_.back().push_back(word);
      }
    }
  }
  std::string name() const override { return line_; }

  void begin(Model& model) override {
    model_ = &model;
    model.time = time_;
    run_ = new Run;
    model.spawn("main", [this] { main(); });
  }

  std::string judge(Model& model) override {
    if (std::string asleep = model.asleep_for_ever(); !asleep.empty()) return asleep;
    if (run_->got != run_->sent) return "what was sent is not what the last process got";
    return {};
  }

 private:
  struct Run {
    std::vector<csp::Channel<int>> links;
    std::vector<csp::Process> processes;
    int alive = 0;  // functions of processes
    int sent = 0;   // with success
    int got = 0;    // by the last process
  };
  static constexpr int kEnd = -1;
  static constexpr csp::Clock::time_point kSomeTime{std::chrono::hours(1)};

  /// Counted as long as a process's function lives.
  struct Alive {
    explicit Alive(int& all) : count(&all) { ++*count; }
    Alive(Alive&& other) noexcept : count(std::exchange(other.count, nullptr)) {}
    ~Alive() {
      if (count) --*count;
    }
    int* count;
  };

  csp::Process link(std::size_t i) {
    const std::string name = "p" + std::to_string(i);
    const auto received = [this, i](std::optional<int> n) { return take(i, n); };
    if (!timed_ || i > 0) {
      return csp::serving(name, csp::Hosting::assisted,
                          [this, i, received, alive = Alive(run_->alive)] {
                            return csp::cases(csp::on_receive(run_->links[i], received));
                          });
    }
    return csp::serving(name, csp::Hosting::assisted, [this, received, alive = Alive(run_->alive)] {
      return csp::cases(csp::on_receive(run_->links[0], received),
                        csp::after(std::chrono::hours(1), [this] { return take(0, kEnd); }));
    });
  }

  csp::Flow take(std::size_t i, std::optional<int> n) {
    const bool last = i + 1 == processes_;
    if (n && *n != kEnd) {
      if (last) {
        ++run_->got;
      } else if (run_->links[i + 1].send(*n) != Outcome::ok) {
        model_->fail("the next process ended before this one");
      }
      return csp::go_on;
    }
    (void)run_->links[i].close();  // nobody sends to who is gone
    if (!last) (void)run_->links[i + 1].close();
    return csp::stop;
  }

  void main() {
    for (std::size_t i = 0; i < processes_; ++i) {
      run_->links.push_back(csp::Channel<int>::make(""));
    }
    run_->processes.resize(processes_);
    for (std::size_t i = processes_; i-- > 0;) run_->processes[i] = link(i);
    {
      std::vector<csp::Process> threads;
      for (std::size_t t = 0; t < threads_.size(); ++t) {
        threads.emplace_back("t" + std::to_string(t), [this, t] {
          for (const std::string& word : threads_[t]) act(word);
        });
      }
    }
    (void)run_->links[0].close();
    for (std::size_t i = 0; i < processes_; ++i) join(i);
    if (run_->alive != 0) model_->fail("a process was joined before its function was destroyed");
    for (const csp::Channel<int>& link : run_->links) {
      const csp::detail::Locked locked(link.core()->lock());
      if (link.core()->lobby().first()) model_->fail("somebody who has gone is in the lobby");
    }
  }

  void join(std::size_t i) {
    run_->processes[i].join();
    const std::string name = "p" + std::to_string(i);
    for (int t = 0; t < model_->threads(); ++t) {
      if (name == model_->name_of(t) && !model_->finished(t)) model_->fail("its thread goes on");
    }
  }

  void sent(Outcome outcome) { run_->sent += outcome == Outcome::ok; }

  void act(const std::string& word) {
    model_->note("calls %s", word.c_str());
    const csp::Channel<int>& first = run_->links[0];
    if (word == "s") {
      sent(first.send(1));
    } else if (word == "s?") {
      sent(first.try_send(1));
    } else if (word == "s~") {
      sent(first.send_until(1, kSomeTime));
    } else if (word == "n") {
      const csp::never_carry here;
      sent(first.send(1));
    } else if (word == "e") {
      (void)first.send(kEnd);
    } else if (word == "c") {
      (void)first.close();
    } else if (word == "C") {
      const csp::carry_closes here;
      (void)first.close();
    } else if (word == "j") {
      join(0);
      if (run_->alive >= static_cast<int>(processes_)) model_->fail("joined before its end");
    } else {
      model_->fail("no such call: " + word);
    }
  }

  const std::string line_;
  std::size_t processes_ = 0;
  bool timed_ = false;
  Model::Time time_ = Model::Time::stands;
  std::vector<Words> threads_;
  Model* model_ = nullptr;
  Run* run_ = nullptr;
};

}  // namespace

std::unique_ptr<Scenario> serving_scenario(const std::string& line) {
  return std::make_unique<ServingScenario>(line);
}

}  // namespace explore
