// SPDX-License-Identifier: Apache-2.0
//
// Starts the children of child.hpp, by posix_spawn and not by fork: the test program has threads,
// and these tests are not about a fork among threads, or about how a sanitizer sees one.
#include "child.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "scale.hpp"
#include "waiting.hpp"

namespace support {
namespace {

constexpr std::string_view kOption = "--child=";
constexpr unsigned kSecondsToLive = 30;
ChildProgram* registered = nullptr;

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> block;
  for (ssize_t n = 0; (n = read(fd, block.data(), block.size())) > 0;) {
    text.append(block.data(), static_cast<std::size_t>(n));
  }
  return text;
}

std::string end_of(int status) {
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit " + std::to_string(WEXITSTATUS(status));
}

bool sleeps_in_futex(const std::filesystem::path& task) {
  std::ifstream stat_file(task / "stat");
  std::string stat_line;
  std::getline(stat_file, stat_line);
  std::ifstream wchan_file(task / "wchan");
  std::string wchan;
  std::getline(wchan_file, wchan);
  const std::size_t after_name = stat_line.rfind(") ");
  if (after_name == std::string::npos || stat_line[after_name + 2] != 'S') return false;
  return wchan.empty() || wchan == "0" || wchan.find("futex") != std::string::npos;
}

}  // namespace

ChildProgram::ChildProgram(const char* name, int (*function)())
    : name_(name), function_(function), next_(registered) {
  registered = this;
}

ChildResult run_child(const std::string& name) {
  int errors[2];
  if (pipe(errors) != 0) return {"no pipe", ""};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, errors[0]);
  std::string program = "/proc/self/exe";
  std::string argument = std::string(kOption) + name;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments, ::environ);
  posix_spawn_file_actions_destroy(&actions);
  close(errors[1]);
  if (failed) {
    close(errors[0]);
    return {std::string("not started: ") + std::strerror(failed), ""};
  }
  ChildResult result;
  result.errors = read_all(errors[0]);
  close(errors[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  result.end = end_of(status);
  return result;
}

const char* child_name(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(kOption)) return argv[i] + kOption.size();
  }
  return nullptr;
}

int run_as_child(const char* name) {
  alarm(kSecondsToLive * patience());  // its default action ends the process: "signal 14"
  for (ChildProgram* program = registered; program; program = program->next_) {
    if (std::strcmp(program->name_, name) == 0) return program->function_();
  }
  std::fprintf(stderr, "no child program is called '%s'\n", name);
  return 127;
}

void wait_until_blocked() {
  wait_until([&] {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
      std::ifstream comm_file(entry.path() / "comm");
      std::string comm;
      std::getline(comm_file, comm);
      if (comm == "blocked" && sleeps_in_futex(entry.path())) return true;
    }
    return false;
  });
}

}  // namespace support
