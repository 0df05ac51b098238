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

}  // namespace

Command::Command(const std::string& line, const sigset_t& mask) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    throw Refusal("--pipe '" + printable(line) + "': no pipe: " + last_error().message());
  }
  const Descriptor output(ends[0]);
  input_ = Descriptor(ends[1]);
  // Ours alone: the reading end is another open file, and blocks as the command expects.
  fcntl(input_.get(), F_SETFL, O_NONBLOCK);
  pid_ = spawn_shell(line, output.get(), mask);
  // Not pidfd_open(): glibc 2.36 declares it so that C++ cannot link it.
  process_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  if (!process_) throw std::system_error(last_error(), "cannot watch a command");
}

std::optional<std::string> Command::wait(int or_readable) {
  std::array<pollfd, 2> fds{{{process_.get(), POLLIN, 0}, {or_readable, POLLIN, 0}}};
  while (poll(fds.data(), fds.size(), -1) < 0) {
    if (errno != EINTR) return "cannot be waited for: " + last_error().message();
  }
  if (fds[0].revents == 0) return std::nullopt;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return complaint(status);
}

void Command::terminate() noexcept {
  if (pid_ > 0) kill(pid_, SIGTERM);
}

}  // namespace asyncstream::tools::tee
