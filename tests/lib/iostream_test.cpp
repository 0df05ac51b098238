// SPDX-License-Identifier: Apache-2.0
//
// The standard library's streams: an istream as a source, an ostream as a sink, and ReaderStream,
// an istream that reads a stream in place. Its tests cover lines, numbers, seeking, the end and
// errors.
#include "asyncstream/iostream.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>

#include "lib/scripted_source.hpp"
#include "lib/streams.hpp"
#include "support/threads.hpp"

namespace {

using namespace support;
using asyncstream::IstreamSource;
using asyncstream::OstreamSink;
using asyncstream::ReaderStream;

std::string text_of(const Bytes& all) {
  return {reinterpret_cast<const char*>(all.data()), all.size()};
}
AsyncStream stream_of(std::string_view text) { return AsyncStream::from_slice(bytes_of(text)); }

TEST_CASE("A15: an istream is a source, whether empty or long") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{200'000}}) {
    std::istringstream in(text_of(bytes(size)));
    AsyncStream stream = AsyncStream::from_reader(size, std::make_unique<IstreamSource>(in));
    const Whole whole = read_all(stream);
    CHECK(whole.bytes == bytes(size));
    CHECK(whole.error == errc::eof);
  }
}

/// Gives one character for each underflow, and throws at the end.
class Reluctant : public std::streambuf {
 public:
  explicit Reluctant(int left) : left_(left) {}

 protected:
  int_type underflow() override {
    if (left_-- == 0) throw std::runtime_error("no more");
    setg(&character_, &character_, &character_ + 1);
    return traits_type::to_int_type(character_);
  }

 private:
  int left_;
  char character_ = 'x';
};

TEST_CASE("A3 A15: an istream is read as its characters come, and may throw") {
  Reluctant buffer(3);
  std::istream in(&buffer);
  AsyncStream stream = AsyncStream::from_reader(9, std::make_unique<IstreamSource>(in),
                                                {.drain_before_error = true});
  const Whole whole = read_all(stream);
  CHECK(text_of(whole.bytes) == "xxx");
  CHECK(whole.error == errc::invalid_source);
  CHECK_THROWS_WITH(std::rethrow_exception(stream.exception()), "no more");
}

TEST_CASE("A15: an istream that is broken, or not open, or has no buffer is an error") {
  std::istringstream bad("");
  bad.setstate(std::ios::badbit);
  std::istream none(nullptr);
  std::ifstream not_there("no/such/file");
  for (std::istream* in : std::initializer_list<std::istream*>{&bad, &none, &not_there}) {
    AsyncStream stream = AsyncStream::from_reader(9, std::make_unique<IstreamSource>(*in));
    CHECK(read_all(stream).error == io_error());
  }
}

TEST_CASE("A14 S23: an ostream is a sink; one that has failed takes nothing") {
  AsyncStream stream = AsyncStream::from_slice(bytes(100'000));
  StreamReader reader = stream.make_stream_reader();
  std::ostringstream out;
  OstreamSink sink(out);
  CHECK(reader.write_to(sink) == got(100'000));
  CHECK(out.str() == text_of(bytes(100'000)));

  reader.seek(0);
  out.setstate(std::ios::failbit);
  CHECK(reader.write_to(sink) == nothing(io_error()));
  CHECK(out.str().size() == 100'000);
}

TEST_CASE("A14 S23: an ostream that takes less is an error, and is bad afterwards") {
  struct Small : std::streambuf {
    std::streamsize xsputn(const char*, std::streamsize n) override {
      return std::min<std::streamsize>(n, 3);
    }
  } small;
  std::ostream out(&small);
  OstreamSink sink(out);
  CHECK(sink.write(bytes(2)) == got(2));
  CHECK(sink.write(bytes(5)) == IoResult{3, io_error()});
  CHECK(out.bad());
  CHECK(sink.write(bytes(2)) == nothing(io_error()));
  // An ostream that throws must not lose the count either.
  out.clear();
  out.exceptions(std::ios::badbit);
  CHECK(sink.write(bytes(5)) == IoResult{3, io_error()});
  CHECK(out.bad());
}

TEST_CASE("A1 A4: ReaderStream gives lines, numbers and the end") {
  AsyncStream stream = stream_of("first line\n42 7\n\nlast");
  ReaderStream in(stream.make_stream_reader());
  std::string line;
  CHECK(std::getline(in, line));
  CHECK(line == "first line");
  int a = 0, b = 0;
  CHECK((in >> a >> b));
  CHECK(a == 42);
  CHECK(b == 7);
  CHECK(std::getline(in, line));
  CHECK(std::getline(in, line));
  CHECK(line.empty());
  CHECK(std::getline(in, line));
  CHECK(line == "last");
  CHECK(in.eof());
  CHECK(!std::getline(in, line));
  CHECK(!in.bad());
  CHECK(!in.error());
}

TEST_CASE("A1: ReaderStream reads across its blocks, and puts characters back") {
  const std::string text = text_of(bytes(300'000));
  AsyncStream stream = stream_of(text);
  ReaderStream in(stream.make_stream_reader());
  std::string all(text.size() + 1, '\0');
  in.read(all.data(), 5);
  CHECK(in.unget().get() == std::istream::traits_type::to_int_type(text[4]));
  in.read(all.data() + 5, std::streamsize(text.size()));
  CHECK(in.gcount() == std::streamsize(text.size()) - 5);
  all.pop_back();
  CHECK(all == text);
}

TEST_CASE("A1 A19: ReaderStream puts back what it has read, whichever function read it") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  ReaderStream in(stream.make_stream_reader("in"));
  CHECK(feed.send({bytes_of("a")}) == csp::Outcome::ok);
  CHECK(in.get() == 'a');
  CHECK(feed.send({bytes_of("b")}) == csp::Outcome::ok);
  CHECK(in.peek() == 'b');
  CHECK(in.unget());
  CHECK(in.tellg() == 0);
  CHECK(in.get() == 'a');
  CHECK(in.get() == 'b');
  CHECK(in.unget().unget());
  CHECK(in.get() == 'a');
  in.seekg(1);
  CHECK_FALSE(in.unget());  // nothing was read since
}

TEST_CASE("A1: ReaderStream reports and changes its position, but cannot seek from the end") {
  AsyncStream stream = stream_of("0123456789");
  ReaderStream in(stream.make_stream_reader());
  CHECK(in.tellg() == std::streampos(0));
  CHECK(in.get() == '0');
  CHECK(in.tellg() == std::streampos(1));
  in.seekg(7);
  CHECK(in.tellg() == std::streampos(7));
  CHECK(in.get() == '7');
  in.seekg(-3, std::ios::cur);
  CHECK(in.get() == '5');
  std::string rest;
  CHECK(std::getline(in, rest));
  CHECK(rest == "6789");
  in.clear();
  in.seekg(2);  // works after the end too
  CHECK(in.get() == '2');
  for (const auto seek : {+[](std::istream& s) -> void { s.seekg(0, std::ios::end); },
                          +[](std::istream& s) -> void { s.seekg(-1); },
                          +[](std::istream& s) -> void { s.seekg(INT64_MAX, std::ios::cur); },
                          +[](std::istream& s) -> void { s.seekg(-100, std::ios::cur); }}) {
    seek(in);
    CHECK(in.fail());
    in.clear();
    CHECK(in.tellg() == std::streampos(3));
  }
}

TEST_CASE("A2: ReaderStream waits at the frontier, not for a whole block") {
  const Feed feed = make_feed();
  AsyncStream stream = AsyncStream::from_reader(100, pulled(feed));
  Threads threads;
  threads.run([&] {
    ReaderStream in(stream.make_stream_reader("a"));
    std::string line;
    for (const char* expected : {"one", "two", "three"}) {
      CHECK(std::getline(in, line));
      CHECK(line == expected);
    }
    CHECK(!std::getline(in, line));
  });
  wait_for_reader("a");
  CHECK(feed.send({bytes_of("one\ntw")}) == csp::Outcome::ok);
  wait_until([&] { return stream.buffered() == 6; });
  wait_for_reader("a");
  CHECK(feed.send({bytes_of("o\nthree\n")}) == csp::Outcome::ok);
  CHECK(feed.close() == csp::Outcome::ok);
}

TEST_CASE("A4: an error of the stream sets ReaderStream's badbit, and error() returns it") {
  AsyncStream stream = AsyncStream::from_reader(
      100, pulled(script({{bytes_of("abc"), io_error()}})), {.drain_before_error = true});
  ReaderStream in(stream.make_stream_reader());
  std::string word;
  in >> word;
  CHECK(in.bad());
  CHECK(in.error() == io_error());

  ReaderStream strict(stream.make_stream_reader());
  strict.exceptions(std::ios::badbit);
  CHECK_THROWS_AS((strict >> word), std::ios_base::failure);
}

TEST_CASE("A11: ReaderStream owns its reader; one over an empty reader is bad") {
  AsyncStream stream = stream_of("abc");
  {
    ReaderStream in(stream.make_stream_reader());
    CHECK(stream.reader_count() == 1);
  }
  CHECK(stream.reader_count() == 0);
  ReaderStream none{StreamReader()};
  CHECK(none.get() == std::istream::traits_type::eof());
  CHECK(none.bad());
  CHECK(none.error() == errc::closed);
}

}  // namespace
