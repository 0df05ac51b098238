// SPDX-License-Identifier: Apache-2.0
//
// Starting, waiting for and ending a shell command; see command.hpp.
#include "tee/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace asyncstream::tools::tee {
namespace {

pid_t spawn_shell(const std::string& line, int from, int to,
                  const Interruption::Inheritance& inheritance) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, from, to);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigdefault(&attributes, &inheritance.by_default);
  posix_spawnattr_setsigmask(&attributes, &inheritance.mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  std::array<std::string, 4> words = {"sh", "-c", "--", line};
  const std::array<char*, 5> arguments = {words[0].data(), words[1].data(), words[2].data(),
                                          words[3].data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot run sh");
  return pid;
}

/// A process and its descendants, parents first: sh may run a command in a child of its own.
void collect(pid_t pid, std::vector<pid_t>& all) {
  all.push_back(pid);
  const std::filesystem::path tasks = "/proc/" + std::to_string(pid) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) collect(child, all);
  }
}

}  // namespace

Command::Command(std::string line, Side side) : line_(std::move(line)), side_(side) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(last_error(), "no pipe");
  theirs_ = Descriptor(ends[side == Side::reads ? 0 : 1]);
  ours_ = Descriptor(ends[side == Side::reads ? 1 : 0]);
  // Ours alone: the other end is another open file, and blocks as the command expects.
  fcntl(ours_.get(), F_SETFL, O_NONBLOCK);
}

void Command::start(const Interruption::Inheritance& inheritance) {
  const int standard = side_ == Side::reads ? STDIN_FILENO : STDOUT_FILENO;
  pid_ = spawn_shell(line_, theirs_.get(), standard, inheritance);
  (void)theirs_.close();
  // Not pidfd_open(): glibc 2.36 declares it so that C++ cannot link it.
  process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!process_) throw std::system_error(last_error(), "cannot watch a command");
}

std::optional<int> Command::wait(int until) {
  std::array<pollfd, 2> fds{{{process_.get(), POLLIN, 0}, {until, POLLIN, 0}}};
  while (poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
  if (fds[0].revents == 0) return std::nullopt;
  int status = 0;
  waitpid(std::exchange(pid_, -1), &status, 0);  // ours, and it has ended: cannot fail
  return status;
}

void Command::kill_all(int signal) const noexcept {
  std::vector<pid_t> all;
  try {
    collect(pid_, all);
  } catch (const std::exception&) {  // one has ended meanwhile, or there is no /proc
  }
  for (const pid_t pid : all) kill(pid, signal);
}

void Command::end() noexcept {
  if (pid_ > 0) {
    constexpr int kPatience = 2000;
    kill_all(SIGTERM);
    pollfd ended{process_.get(), POLLIN, 0};
    if (poll(&ended, 1, kPatience) == 0) kill_all(SIGKILL);
    waitpid(std::exchange(pid_, -1), nullptr, 0);
  }
  (void)ours_.close();
}

std::string complaint_about(int status) {
  if (WIFSIGNALED(status)) {
    return "killed by signal " + std::to_string(WTERMSIG(status)) + " (" +
           strsignal(WTERMSIG(status)) + ')';
  }
  return WEXITSTATUS(status) == 0 ? "" : "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace asyncstream::tools::tee
