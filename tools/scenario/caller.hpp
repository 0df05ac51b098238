// SPDX-License-Identifier: Apache-2.0
//
// Makes a scenario's calls. Each reader, and the stream, has a process that makes its calls one
// after the other, so a call that waits is a process asleep, and the player continues.
#pragma once

#include <csp/channel.hpp>
#include <csp/process.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

namespace asyncstream::tools {

/// A process that receives calls and returns their results.
class Caller {
 public:
  using Call = std::function<nlohmann::json()>;  // gives the return event's msg; null: none

  struct Return {
    std::string call;
    nlohmann::json msg;
  };

  explicit Caller(const std::string& name)
      : calls_(csp::Channel<Named>::make("", 1)),
        returns_(csp::Channel<Return>::make("", 1)),
        process_(name, [this] {
          for (Named& named : calls_) {
            nlohmann::json msg = named.call();
            (void)returns_.send({named.name, std::move(msg)});
          }
        }) {}
  ~Caller() { (void)calls_.close(); }

  bool busy() const { return busy_; }
  void start(const std::string& name, Call call) {
    busy_ = true;
    (void)calls_.send({name, std::move(call)});
  }
  /// The return, once, if the call has returned.
  std::optional<Return> returned() {
    std::optional<Return> value = returns_.try_receive().value;
    if (value) busy_ = false;
    return value;
  }

 private:
  struct Named {
    std::string name;
    Call call;
  };
  csp::Channel<Named> calls_;
  csp::Channel<Return> returns_;
  bool busy_ = false;
  csp::Process process_;
};

}  // namespace asyncstream::tools
