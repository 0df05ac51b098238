// SPDX-License-Identifier: Apache-2.0
//
// The trace has one event for each completed operation on a named channel, in one order that agrees
// with the order of every process and every channel. Nothing is lost, or the loss is counted
// exactly, and no recorder harms the operations themselves.
#include <doctest/doctest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <csp/csp.hpp>
#include <csp/spdlog.hpp>
#include <csp/trace.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "support/child.hpp"
#include "support/waiting.hpp"

namespace orders {

struct Order {
  std::uint64_t id;
  std::string customer;
};

void describe(const Order& order, csp::Fields& fields);
void describe(const Order& order, csp::Fields& fields) {
  fields.add("id", order.id);
  fields.add("customer", order.customer);
}

struct Silent {
  int x, y;
};

}  // namespace orders

namespace {

using csp::Channel;
using csp::Event;
using csp::Op;

struct Recording {
  explicit Recording(csp::TraceOptions options = {})
      : attachment(csp::attach(recorder, std::move(options))) {}
  std::shared_ptr<csp::MemoryRecorder> recorder = std::make_shared<csp::MemoryRecorder>();
  csp::Attachment attachment;
};

std::vector<std::string> short_forms(const std::vector<Event>& events) {
  std::vector<std::string> forms;
  for (const Event& event : events) {
    forms.push_back(std::string(event.process.view()) + " " + std::string(to_string(event.op)) +
                    " " + std::string(event.channel.view()));
  }
  return forms;
}

TEST_CASE("trace: each completed operation is one event, the send before its receive") {
  Recording recording;
  const Channel<int> channel = Channel<int>::make("numbers");
  csp::Process sender("sender", [&] {
    CHECK(channel.send(7) == csp::Outcome::ok);
    CHECK(channel.close() == csp::Outcome::ok);
  });
  csp::Process receiver("receiver", [&] {
    CHECK(channel.receive() == 7);
    CHECK(!channel.receive());
  });
  sender.join();
  receiver.join();
  const std::vector<Event> events = recording.recorder->take();
  CHECK(short_forms(events) ==
        std::vector<std::string>{"sender send numbers", "receiver recv numbers",
                                 "sender close numbers", "receiver closed numbers"});
  for (std::size_t i = 1; i < events.size(); ++i) {
    CHECK(events[i].sequence == events[i - 1].sequence + 1);
    CHECK(events[i].time >= events[i - 1].time);
  }
}

TEST_CASE("trace: an operation that did not happen, or on a channel without a name, is no event") {
  Recording recording;
  const Channel<int> named = Channel<int>::make("named", 1);
  const Channel<int> secret = Channel<int>::make("", 1);
  CHECK(named.try_receive().outcome == csp::Outcome::would_block);
  CHECK(secret.send(1) == csp::Outcome::ok);
  csp::select(csp::on_receive(named), csp::on_receive(secret));
  CHECK(recording.recorder->take().empty());
}

TEST_CASE("trace: messages describe themselves, or are shown as their type's name and size") {
  Recording recording;
  const Channel<orders::Order> orders = Channel<orders::Order>::make("orders", 1);
  const Channel<orders::Silent> silent = Channel<orders::Silent>::make("silent", 1);
  CHECK(orders.send({42, "a \"b\"\n"}) == csp::Outcome::ok);
  CHECK(orders.receive());
  CHECK(silent.send({1, 2}) == csp::Outcome::ok);
  const std::vector<Event> events = recording.recorder->take();
  REQUIRE(events.size() == 3);
  for (std::size_t i : {0, 1}) {
    CHECK(csp::to_json(events[i]).find(R"("msg":{"id":42,"customer":"a \"b\"\u000a"})") !=
          std::string::npos);
  }
  CHECK(csp::to_json(events[2]).find(R"("msg":{"type":"orders::Silent","size":8})") !=
        std::string::npos);
  CHECK(csp::to_text(events[2]).find("type=orders::Silent size=8") != std::string::npos);
  CHECK(csp::to_text(events[0]).find("send   orders id=42 customer=a") != std::string::npos);
}

TEST_CASE("trace: a filter is a pattern for the whole name") {
  Recording one({.channels = {"7/requests"}});
  Recording any({.channels = {"*/requests"}, .processes = {"*transfer"}});
  Recording none({.channels = {"requests"}});
  csp::Process("7/transfer", [&] {
    for (const char* const name : {"7/requests", "8/requests", "7/others", "8/more-requests"}) {
      CHECK(Channel<int>::make(name, 1).send(1) == csp::Outcome::ok);
    }
  }).join();
  CHECK(one.recorder->take().size() == 1);
  CHECK(any.recorder->take().size() == 2);
  CHECK(none.recorder->take().empty());
}

TEST_CASE("trace: filters choose channels and processes") {
  Recording channels({.channels = {"a"}});
  Recording processes({.processes = {"two"}});
  const Channel<int> a = Channel<int>::make("a", 9);
  const Channel<int> b = Channel<int>::make("b", 9);
  for (const char* name : {"one", "two"}) {
    csp::Process(name, [&] {
      CHECK(a.send(1) == csp::Outcome::ok);
      CHECK(b.send(1) == csp::Outcome::ok);
    }).join();
  }
  CHECK(short_forms(channels.recorder->take()) ==
        std::vector<std::string>{"one send a", "two send a"});
  CHECK(short_forms(processes.recorder->take()) ==
        std::vector<std::string>{"two send a", "two send b"});
}

/// Traffic of several processes over one channel; returns how many operations completed.
std::size_t traffic(const Channel<int>& channel, int senders, int each) {
  std::vector<csp::Process> processes;
  for (int s = 0; s < senders; ++s) {
    processes.emplace_back("sender" + std::to_string(s), [&channel, each] {
      for (int i = 0; i < each; ++i) CHECK(channel.send(i) == csp::Outcome::ok);
    });
    processes.emplace_back("receiver" + std::to_string(s), [&channel, each] {
      for (int i = 0; i < each; ++i) CHECK(channel.receive());
    });
  }
  return static_cast<std::size_t>(senders) * static_cast<std::size_t>(each) * 2;
}

TEST_CASE("trace: nothing is lost by default, and each process's events are in its own order") {
  for (const std::size_t capacity : {0, 3}) {
    Recording recording({.capacity = 16});  // small: overflow has to block repeatedly
    const Channel<int> channel = Channel<int>::make("busy", capacity);
    const std::size_t operations = traffic(channel, 3, 500);
    const std::vector<Event> events = recording.recorder->take();
    CHECK(events.size() == operations);
    CHECK(recording.recorder->dropped() == 0);
    std::map<std::string_view, int> next;
    long in_flight = 0;
    for (const Event& event : events) {
      in_flight += event.op == Op::send ? 1 : -1;
      CHECK(in_flight >= 0);  // no receive before its send
      // Once the buffer is full, a send that takes the freed slot follows that receive.
      CHECK(in_flight <= static_cast<long>(capacity) + 1);
      if (event.op != Op::send) continue;
      const auto value = std::get<std::int64_t>(event.message.all()[0].value);
      CHECK(value == next[event.process.view()]++);
    }
  }
}

TEST_CASE("trace: with Overflow::drop, recorded and dropped add up exactly") {
  class Slow : public csp::MemoryRecorder {
   public:
    void record(const Event& event) override {
      if (first_) (void)gate.receive();  // holds all events until the traffic is over
      first_ = false;
      MemoryRecorder::record(event);
    }
    Channel<void> gate = Channel<void>::make("");

   private:
    bool first_ = true;
  };
  const auto slow = std::make_shared<Slow>();
  std::size_t operations = 0;
  {
    csp::Attachment attachment =
        csp::attach(slow, {.overflow = csp::Overflow::drop, .capacity = 100});
    operations = traffic(Channel<int>::make("busy", 2), 2, 1000);
    CHECK(slow->gate.close() == csp::Outcome::ok);
  }
  const std::size_t recorded = slow->take().size();
  CHECK(recorded < operations);
  CHECK(recorded >= 100);
  CHECK(recorded + slow->dropped() == operations);
}

TEST_CASE("trace: a recorder that throws costs its event, not the operation") {
  class Throwing : public csp::Recorder {
    void record(const Event&) override { throw std::runtime_error("on purpose, by a test"); }
  };
  Recording good;
  csp::Attachment bad = csp::attach(std::make_shared<Throwing>());
  const Channel<int> channel = Channel<int>::make("c", 1);
  CHECK(channel.send(1) == csp::Outcome::ok);
  CHECK(good.recorder->take().size() == 1);
}

TEST_CASE("trace: invalid attachments are refused") {
  CHECK_THROWS_AS((void)csp::attach(nullptr), std::invalid_argument);
  Recording recording;
  CHECK_THROWS_AS((void)csp::attach(recording.recorder), std::invalid_argument);
  CHECK_THROWS_AS((void)csp::json_lines_file("/nowhere/at/all"), std::system_error);
  CHECK_THROWS_AS((void)csp::spdlog_recorder(nullptr), std::invalid_argument);
}

TEST_CASE("trace: a spdlog logger gets one line for each event") {
  std::ostringstream out;
  auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
  logger->set_pattern("%v");
  {
    csp::Attachment text = csp::attach(csp::spdlog_recorder(logger));
    CHECK(Channel<int>::make("c{}", 1).send(5) == csp::Outcome::ok);  // braces are not a format
  }
  CHECK(out.str().find("send   c{} value=5\n") != std::string::npos);
}

// CSP_TRACE is tested in a separate program, whose code says nothing of traces.
const support::ChildProgram kTraffic("trace_traffic", [] {
  const Channel<int> kept = Channel<int>::make("kept", 1);
  const Channel<int> left_out = Channel<int>::make("left_out", 1);
  const bool sent = kept.send(1) == csp::Outcome::ok && left_out.send(2) == csp::Outcome::ok;
  return sent ? 0 : 1;
});

support::ChildResult run_with(const char* setting) {
  setenv("CSP_TRACE", setting, 1);
  support::ChildResult result = support::run_child("trace_traffic");
  unsetenv("CSP_TRACE");
  return result;
}

TEST_CASE("trace: CSP_TRACE traces any program, with filters") {
  const support::ChildResult text = run_with("text;channel=kept");
  CHECK(text.end == "exit 0");
  CHECK(text.errors.find("send   kept value=1") != std::string::npos);
  CHECK(text.errors.find("left_out") == std::string::npos);

  const std::string path =
      (std::filesystem::temp_directory_path() / ("trace-" + std::to_string(getpid()))).string();
  CHECK(run_with(("json:" + path).c_str()).end == "exit 0");
  std::ifstream file(path);
  std::string line;
  CHECK(std::getline(file, line));
  CHECK(line.find(R"("op":"send","chan":"kept","msg":{"value":1}})") != std::string::npos);
  CHECK(std::getline(file, line));  // nothing is lost at a normal exit
  std::filesystem::remove(path);
}

TEST_CASE("trace: an invalid CSP_TRACE gives one warning and no failure") {
  for (const char* setting :
       {"bogus", "json:", "text;chanel=x", "text;channel=", "json:/nowhere/at/all"}) {
    const support::ChildResult result = run_with(setting);
    CHECK(result.end == "exit 0");
    CHECK(result.errors.starts_with("warning: CSP_TRACE"));
    CHECK(std::count(result.errors.begin(), result.errors.end(), '\n') == 1);
  }
}

}  // namespace
