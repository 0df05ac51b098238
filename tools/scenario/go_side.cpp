// SPDX-License-Identifier: Apache-2.0
//
// Starts the Go side of go_side.hpp and talks to it.
#include "scenario/go_side.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

extern char** environ;

namespace asyncstream::tools {

namespace fs = std::filesystem;

struct GoSide::Child {
  pid_t pid = -1;
  std::FILE* in = nullptr;   // scenarios are written to it
  std::FILE* out = nullptr;  // traces are read from it
  fs::path folder;           // a private folder, for the program

  ~Child() {
    if (in) std::fclose(in);
    if (out) std::fclose(out);
    if (pid > 0) waitpid(pid, nullptr, 0);
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
};

namespace {

fs::path private_folder() {
  std::string name = (fs::temp_directory_path() / "asyncstream-go-XXXXXX").string();
  if (!mkdtemp(name.data())) {
    throw BadInput("cannot make the folder '" + name + "': " + std::strerror(errno) +
                   "; set TMPDIR to a folder that can be written");
  }
  return name;
}

/// Starts a program with the pipe ends given as its standard input and output.
pid_t spawn(std::vector<std::string> arguments, int in, int out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (in >= 0) posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

}  // namespace

GoSide::GoSide(const std::string& package) : child_(std::make_unique<Child>()) {
  child_->folder = private_folder();
  const std::string program = (child_->folder / "goref").string();
  if (std::system("command -v go >/dev/null 2>&1") != 0) {
    throw BadInput("--go needs the Go compiler: install the package golang-go (1.19 or newer)");
  }
  const std::string script = std::string(ASYNCSTREAM_GOREF) + "/build.sh";
  if (!fs::exists(script)) {
    throw BadInput(
        "--go needs the project's source tree, which is no longer at " ASYNCSTREAM_GOREF);
  }
  int status = -1;
  const pid_t build = spawn({script, program}, -1, STDERR_FILENO);
  if (build < 0 || waitpid(build, &status, 0) < 0 || status != 0) {
    throw BadInput("--go: the Go model does not build; see above");
  }

  std::vector<std::string> arguments{program, "run"};
  if (!package.empty()) arguments.insert(arguments.end(), {"--package", package});
  arguments.push_back("-");
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) {
    throw BadInput("--go: cannot make a pipe to the Go side");
  }
  child_->pid = spawn(arguments, in[0], out[1]);
  close(in[0]);
  close(out[1]);
  child_->in = fdopen(in[1], "w");
  child_->out = fdopen(out[0], "r");
}

GoSide::~GoSide() = default;

std::optional<Trace> GoSide::play(const nlohmann::json& scenario, std::string& error) {
  const std::string line = scenario.dump() + "\n";
  if (std::fputs(line.c_str(), child_->in) == EOF || std::fflush(child_->in) != 0) {
    error = "the Go side has ended";
    return std::nullopt;
  }
  char* text = nullptr;
  std::size_t size = 0;
  const ssize_t length = getline(&text, &size, child_->out);
  const nlohmann::json answer =
      length > 0 ? nlohmann::json::parse(text, nullptr, false) : nlohmann::json();
  std::free(text);
  if (answer.is_array()) return answer.get<Trace>();
  error = answer.is_object() && answer.contains("error")
              ? answer["error"].get<std::string>()
              : "the Go side has ended without an answer";
  return std::nullopt;
}

}  // namespace asyncstream::tools
