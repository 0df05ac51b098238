// SPDX-License-Identifier: Apache-2.0
//
// Sorting the words of the command line; see command_line.hpp.
#include "tee/command_line.hpp"

#include <utility>

namespace asyncstream::tools::tee {

std::vector<SinkPlan> take_sinks(std::vector<std::string>& words,
                                 const std::function<bool(const std::string&)>& takes_value) {
  const std::string pipe = "--pipe";
  std::vector<SinkPlan> sinks;
  std::vector<std::string> others;
  bool options_over = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool last = i + 1 == words.size();
    if (options_over || word.size() < 2 || word.front() != '-') {
      sinks.push_back({SinkPlan::Kind::file, word});
    } else if (word == "--") {
      options_over = true;
    } else if (word.starts_with(pipe + '=') && word.size() > pipe.size() + 1) {
      sinks.push_back({SinkPlan::Kind::command, word.substr(pipe.size() + 1)});
    } else if (word == pipe && !last) {
      sinks.push_back({SinkPlan::Kind::command, words[++i]});
    } else {
      others.push_back(word);
      if (!last && takes_value(word)) others.push_back(words[++i]);
    }
  }
  words = std::move(others);
  return sinks;
}

}  // namespace asyncstream::tools::tee
