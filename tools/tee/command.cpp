// SPDX-License-Identifier: Apache-2.0
//
// Starting, waiting for and ending a sink's shell command; see command.hpp.
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

#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

pid_t spawn_shell(const std::string& line, int standard_input, const sigset_t& mask) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, standard_input, STDIN_FILENO);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t by_default;
  sigemptyset(&by_default);
  sigaddset(&by_default, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &by_default);
  posix_spawnattr_setsigmask(&attributes, &mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);

  std::array<std::string, 4> words = {"sh", "-c", "--", line};
  const std::array<char*, 5> arguments = {words[0].data(), words[1].data(), words[2].data(),
                                          words[3].data(), nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    throw Refusal("--pipe '" + printable(line) + "': cannot run sh: " + std::strerror(error));
  }
  return pid;
}

std::string complaint(int status) {
  if (WIFSIGNALED(status)) {
    return "killed by signal " + std::to_string(WTERMSIG(status)) + " (" +
           strsignal(WTERMSIG(status)) + ')';
  }
  return WEXITSTATUS(status) == 0 ? "" : "exit status " + std::to_string(WEXITSTATUS(status));
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

Command::Command(const std::string& line) : line_(line) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Refusal("--pipe '" + printable(line) + "': no pipe: " + last_error().message());
  }
  output_ = Descriptor(ends[0]);
  input_ = Descriptor(ends[1]);
  // Ours alone: the reading end is another open file, and blocks as the command expects.
  fcntl(input_.get(), F_SETFL, O_NONBLOCK);
}

void Command::start(const sigset_t& mask) {
  pid_ = spawn_shell(line_, output_.get(), mask);
  (void)output_.close();
  // Not pidfd_open(): glibc 2.36 declares it so that C++ cannot link it.
  process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!process_) throw std::system_error(last_error(), "cannot watch a command");
}

std::optional<std::string> Command::wait(const Interruption& interruption) {
  std::array<pollfd, 2> fds{{{process_.get(), POLLIN, 0}, {interruption.fd(), POLLIN, 0}}};
  while (poll(fds.data(), fds.size(), -1) < 0) {
    if (errno != EINTR) return "cannot be waited for: " + last_error().message();
  }
  if (fds[0].revents == 0) return std::nullopt;
  int status = 0;
  if (waitpid(std::exchange(pid_, -1), &status, 0) < 0) {
    return "cannot be waited for: " + last_error().message();
  }
  // Ctrl-C goes to it and to us; it may have ended first, but then ours has come too.
  if (status != 0 && interruption.has_come()) return std::nullopt;
  return complaint(status);
}

void Command::terminate() noexcept {
  if (pid_ <= 0) return;
  std::vector<pid_t> all;
  try {
    collect(pid_, all);
  } catch (const std::exception&) {  // one has ended meanwhile, or there is no /proc
  }
  for (const pid_t pid : all) kill(pid, SIGTERM);
}

}  // namespace asyncstream::tools::tee
