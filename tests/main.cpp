// SPDX-License-Identifier: Apache-2.0
//
// The entry point of every test program: doctest's own main with four additions. The seed is set
// before each case, and is printed at the start and with each case that fails; the watchdog guards
// each case; --child=NAME runs a child program instead (support/child.hpp); TEST_TRACED=1 attaches
// a trace.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <csp/trace.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "support/child.hpp"
#include "support/seed.hpp"
#include "support/watchdog.hpp"

namespace {

class SeedAndWatchdog : public doctest::IReporter {
 public:
  explicit SeedAndWatchdog(const doctest::ContextOptions&) {}

  void test_case_start(const doctest::TestCaseData& data) override { begin(data); }
  void test_case_reenter(const doctest::TestCaseData& data) override { begin(data); }
  void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
    support::case_ends();
    if (stats.failure_flags != 0) print_seed("replay the failure with");
  }
  void test_run_start() override { print_seed("seed:"); }

  void report_query(const doctest::QueryData&) override {}
  void test_run_end(const doctest::TestRunStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  static void begin(const doctest::TestCaseData& data) {
    support::seed_this_thread();
    support::case_begins(data.m_name);
  }
  static void print_seed(const char* why) {
    std::fprintf(stderr, "%s TEST_SEED=%llu\n", why,
                 static_cast<unsigned long long>(support::seed()));
  }
};

REGISTER_LISTENER("seed_and_watchdog", 1, SeedAndWatchdog);

}  // namespace

int main(int argc, char** argv) {
  if (const char* const child = support::child_name(argc, argv)) {
    return support::run_as_child(child);
  }
  support::start_watchdog();
  // With TEST_TRACED=1 a trace is attached throughout, so every read is by message.
  struct Nowhere : csp::Recorder {
    void record(const csp::Event&) override {}
  };
  csp::Attachment trace;
  if (std::getenv("TEST_TRACED")) trace = csp::attach(std::make_shared<Nowhere>());
  doctest::Context context(argc, argv);
  return context.run();
}
