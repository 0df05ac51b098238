// SPDX-License-Identifier: Apache-2.0
//
// The thread that drains the trace: it naps while nothing comes, then sleeps, and an event that
// nobody asks for is recorded nevertheless; and what an event can hold.
#include <doctest/doctest.h>

#include <chrono>
#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <string>
#include <thread>

namespace letters {

struct Letter {
  std::string text;
};

void describe(const Letter& letter, csp::Fields& fields);
void describe(const Letter& letter, csp::Fields& fields) {
  fields.add("a", std::string_view(letter.text));
  fields.add("b", 'b');
  fields.add("c", std::string_view(letter.text));
  fields.add("d", std::string_view(letter.text));
  fields.add("e", std::string_view(letter.text));
}

}  // namespace letters

namespace {

using csp::Channel;
using csp::Event;
using namespace std::chrono_literals;

/// Tells of each event, and asks for nothing: take() and flush_trace() would wake the drainer.
class Telling : public csp::Recorder {
 public:
  void record(const Event& event) override { (void)told.send(event.sequence); }
  const Channel<std::uint64_t> told = Channel<std::uint64_t>::make("", 16);
};

}  // namespace

TEST_CASE("trace: an event is recorded, whether the drainer is at work, naps or sleeps") {
  const auto recorder = std::make_shared<Telling>();
  const csp::Attachment attachment = csp::attach(recorder);
  const Channel<int> channel = Channel<int>::make("c", 1);
  std::uint64_t last = 0;
  // The pauses order nothing: they are to meet it in all its states, and while it changes. It
  // sleeps after a millisecond and more, as ten timers of 100 us last longer than they say.
  for (int i = 0; i < 200; ++i) {
    std::this_thread::sleep_for(i * 20us);
    CHECK(channel.send(i) == csp::Outcome::ok);
    CHECK(channel.receive() == i);
    for (int event = 0; event < 2; ++event) {
      const csp::Received<std::uint64_t> told = recorder->told.receive_for(10s);
      REQUIRE(told.value);
      if (last != 0) CHECK(*told.value == last + 1);
      last = *told.value;
    }
  }
}

TEST_CASE("trace: of a message's values four are kept, and 46 bytes of their texts") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment attachment = csp::attach(recorder);
  const Channel<letters::Letter> channel = Channel<letters::Letter>::make("letters", 1);
  CHECK(channel.send({std::string(30, 'x')}) == csp::Outcome::ok);
  const std::vector<Event> events = recorder->take();
  REQUIRE(events.size() == 1);
  const std::string json = csp::to_json(events[0]);
  const std::string expected = R"("msg":{"a":")" + std::string(30, 'x') + R"(","b":98,"c":")" +
                               std::string(16, 'x') + R"(","d":""})";
  CHECK_MESSAGE(json.find(expected) != std::string::npos, json);
}
