// SPDX-License-Identifier: Apache-2.0
//
// Parses the lines of config.hpp. One character always decides what comes next, so the parser needs
// no lookahead, and an error shows the place that was reached.
#include "linearize/config.hpp"

#include <stdexcept>

namespace linearize {
namespace {

class Parser {
 public:
  explicit Parser(const std::string& line) : line_(line) {}

  Config parse() {
    Config config;
    do config.capacities.push_back(number());
    while (accept(','));
    expect(':');
    do {
      std::vector<Action>& actions = config.threads.emplace_back();
      while (blank(), at_ < line_.size() && line_[at_] != '|') actions.push_back(action(config));
    } while (accept('|'));
    return config;
  }

 private:
  void blank() {
    while (at_ < line_.size() && line_[at_] == ' ') ++at_;
  }
  bool accept(char c) {
    blank();
    if (at_ == line_.size() || line_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("expected '") + c + "'");
  }
  std::size_t number() {
    blank();
    if (at_ == line_.size() || line_[at_] < '0' || line_[at_] > '9') fail("expected a digit");
    return static_cast<std::size_t>(line_[at_++] - '0');
  }
  void one_case(Call& call, const Config& config) {
    const bool sends = accept('s');
    if (!sends) expect('r');
    const std::size_t channel = number();
    if (channel >= config.capacities.size()) fail("no such channel");
    if (call.count == Call::kMaxCases) fail("too many cases");
    call.cases[call.count++] = {static_cast<std::uint8_t>(channel), sends, 0};
  }
  Action action(const Config& config) {
    Action action;
    if (accept('x')) {
      action.requests_stop = true;
      return action;
    }
    if (accept('c')) {
      action.call.closes = true;
      action.call.count = 1;
      action.call.cases[0].channel = static_cast<std::uint8_t>(number());
      return action;
    }
    if (accept('[')) {
      do one_case(action.call, config);
      while (accept(','));
      expect(']');
    } else {
      one_case(action.call, config);
    }
    if (accept('?')) action.patience = Patience::at_once;
    if (accept('~')) action.patience = Patience::timed;
    if (accept('!')) action.patience = Patience::stoppable;
    return action;
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw std::invalid_argument("scenario '" + line_.substr(0, at_) + " <here> " +
                                line_.substr(at_) + "': " + why);
  }

  const std::string& line_;
  std::size_t at_ = 0;
};

}  // namespace

Config parse(const std::string& line) {
  Config config = Parser(line).parse();
  for (std::size_t t = 0; t < config.threads.size(); ++t) {
    for (std::size_t a = 0; a < config.threads[t].size(); ++a) {
      Call& call = config.threads[t][a].call;
      call.thread = static_cast<std::uint8_t>(t);
      for (std::size_t c = 0; c < call.count; ++c) {
        call.cases[c].value = static_cast<int>(100 * (t + 1) + 10 * (a + 1) + c);
      }
    }
  }
  return config;
}

}  // namespace linearize
