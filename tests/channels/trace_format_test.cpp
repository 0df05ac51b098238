// SPDX-License-Identifier: Apache-2.0
//
// What an event can hold of a message, and how it is shown: as JSON that every parser accepts.
#include <doctest/doctest.h>

#include <csp/csp.hpp>
#include <csp/trace.hpp>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

using csp::Channel;
using csp::Event;

TEST_CASE("trace: whatever a message contains, its JSON is valid") {
  const auto shown = [](auto value) {
    Event event;
    event.message.add("v", value);
    const std::string json = csp::to_json(event);
    const std::size_t begin = json.find(R"({"v":)") + 5;
    return json.substr(begin, json.size() - 2 - begin);
  };
  const auto text = [&](std::string_view value) { return shown(value); };
  // One character of each encoded length, and the first and last of each.
  for (const std::string_view whole :
       {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(text(whole) == '"' + std::string(whole) + '"');
    for (std::size_t cut = 1; cut < whole.size(); ++cut) {
      std::string expected;
      for (std::size_t i = 0; i < cut; ++i) expected += "\\ufffd";
      CHECK(text(whole.substr(0, cut)) == '"' + expected + '"');
      CHECK(text(std::string(whole.substr(0, cut)) + 'x') == '"' + expected + "x\"");
    }
  }
  // Incomplete sequences, bytes that begin none, overlong forms, half a surrogate pair, and numbers
  // beyond the last character.
  for (const std::string_view broken :
       {"\x80", "\xff", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80"}) {
    std::string expected;
    for (std::size_t i = 0; i < broken.size(); ++i) expected += "\\ufffd";
    CHECK(text(broken) == '"' + expected + '"');
  }
  CHECK(shown(0.5) == "0.5");
  CHECK(shown(std::numeric_limits<double>::infinity()) == R"("inf")");
  CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == R"("nan")");
}

TEST_CASE("trace: whatever a name holds, its text is one line") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment attachment = csp::attach(recorder);
  const auto channel = Channel<int>::make("two\nlines\x1b/or\r\nthree\t", 1);
  CHECK(channel.send(1) == csp::Outcome::ok);
  const std::vector<Event> events = recorder->take();
  REQUIRE(events.size() == 1);
  const std::string text = csp::to_text(events[0]);
  CHECK(text.find("two?lines?/or??three? value=1") != std::string::npos);
}

TEST_CASE("trace: a pointer's target is never read") {
  const auto recorder = std::make_shared<csp::MemoryRecorder>();
  const csp::Attachment attachment = csp::attach(recorder);
  const auto channel = Channel<const char*>::make("pointers", 1);
  CHECK(channel.send(nullptr) == csp::Outcome::ok);
  CHECK(recorder->take().size() == 1);
}

TEST_CASE("trace: assigning to an attachment detaches its recorder") {
  const auto first = std::make_shared<csp::MemoryRecorder>();
  const auto second = std::make_shared<csp::MemoryRecorder>();
  csp::Attachment attachment = csp::attach(first);
  csp::Attachment other = csp::attach(second);
  attachment = std::move(other);
  const auto channel = Channel<int>::make("channel", 1);
  CHECK(channel.send(1) == csp::Outcome::ok);
  CHECK(first->take().empty());
  CHECK(second->take().size() == 1);
}

TEST_CASE("trace: an event keeps four of a message's values, and 46 bytes of their texts") {
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
