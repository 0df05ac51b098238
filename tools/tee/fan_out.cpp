// SPDX-License-Identifier: Apache-2.0
//
// One source, many sinks; see fan_out.hpp. All that can be refused is looked at before anything is
// written, in this order: source and sinks are opened, the buffer reserved, the commands started,
// and only then are files truncated. The main thread then does nothing but wait, for the sinks and
// for a signal, which cancels the stream.
#include "tee/fan_out.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <iostream>
#include <new>

#include "asyncstream/async_stream.hpp"
#include "csp/process.hpp"
#include "tee/endpoints.hpp"
#include "tee/interruption.hpp"
#include "tee/progress.hpp"
#include "tee/report.hpp"
#include "tee/text.hpp"

namespace asyncstream::tools::tee {
namespace {

using Outlets = std::vector<std::unique_ptr<Outlet>>;

constexpr std::size_t kBufferForUnknownSize = std::size_t{1} << 30;

AsyncStream open_stream(const Plan& plan, Input& input) {
  const std::size_t size = plan.buffer.value_or(input.size.value_or(kBufferForUnknownSize));
  try {
    return AsyncStream::from_reader(
        size, std::move(input.source),
        {.max_readers = plan.files.size() + plan.commands.size(), .drain_before_error = true});
  } catch (const std::bad_alloc&) {
    throw Refusal("--buffer: there is no memory for " + std::to_string(size) +
                  " bytes; give a smaller size");
  }
}

Outlets open_outlets(const Plan& plan, Outputs& files, const Interruption& interruption) {
  std::vector<Command> commands;
  for (const std::string& line : plan.commands) commands.emplace_back(line);
  for (Command& command : commands) command.start(interruption.mask_before());
  Outlets outlets;
  for (Output& file : files.commit()) {
    outlets.push_back(std::make_unique<Outlet>(std::move(file.name), std::move(file.fd),
                                               std::nullopt, interruption, plan.digest));
  }
  for (std::size_t i = 0; i < commands.size(); ++i) {
    Descriptor pipe = commands[i].take_input();
    outlets.push_back(std::make_unique<Outlet>("--pipe '" + printable(plan.commands[i]) + '\'',
                                               std::move(pipe), std::move(commands[i]),
                                               interruption, plan.digest));
  }
  return outlets;
}

/// A terminal that is being written to is no place for progress unless somebody asks for it.
bool shows_progress(const Plan& plan) {
  if (plan.progress) return true;
  const bool writes_there = std::ranges::count(plan.files, "-") > 0 && isatty(STDOUT_FILENO) == 1;
  return isatty(STDERR_FILENO) == 1 && !writes_there;
}

/// Waits until `finished` has counted all the sinks; cancels the stream when a signal comes.
void wait_for(std::size_t sinks, const Descriptor& finished, Interruption& interruption,
              AsyncStream& stream) {
  std::array<pollfd, 2> fds{{{finished.get(), POLLIN, 0}, {interruption.signals(), POLLIN, 0}}};
  while (sinks > 0) {
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    std::uint64_t more = 0;
    if (fds[0].revents && read(finished.get(), &more, sizeof more) == sizeof more) sinks -= more;
    if (fds[1].revents) {
      interruption.accept();
      stream.cancel();
      fds[1].fd = -1;
    }
  }
  interruption.end();
}

void deliver_all(const Plan& plan, AsyncStream& stream, std::optional<std::size_t> size,
                 const Outlets& outlets, const Descriptor& finished, Interruption& interruption) {
  std::vector<csp::Process> processes;
  std::optional<Progress> progress;
  try {
    for (const std::unique_ptr<Outlet>& outlet : outlets) {
      processes.emplace_back(outlet->name(),
                             [&finished, sink = outlet.get(),
                              reader = stream.make_stream_reader(outlet->name())]() mutable {
                               sink->deliver(std::move(reader));
                               eventfd_write(finished.get(), 1);
                             });
    }
    if (shows_progress(plan)) progress.emplace(stream, outlets, size, plan.progress);
  } catch (...) {  // no thread, no memory: those that run wait for a source that may never end
    stream.cancel();
    wait_for(processes.size(), finished, interruption, stream);
    throw;
  }
  wait_for(outlets.size(), finished, interruption, stream);
  for (csp::Process& process : processes) process.join();
}

int ended_by(const Interruption& interruption, std::size_t complete, std::size_t sinks) {
  const int signal = interruption.number();
  std::cerr << "asyncstream tee: ended by signal " + std::to_string(signal) + "; " +
                   std::to_string(complete) + " of " + std::to_string(sinks) +
                   " sinks are complete\n";
  return 128 + signal;
}

}  // namespace

int fan_out(const Plan& plan) {
  std::signal(SIGPIPE, SIG_IGN);  // a broken pipe is an error of one sink
  std::signal(SIGCHLD, SIG_DFL);  // ignored, nobody would know how a command has ended
  Input input = open_input(plan.source);
  Interruption interruption;
  Outputs files(plan.append);
  try {
    for (const std::string& path : plan.files) files.add(path, input, interruption);
  } catch (const Interrupted&) {
    interruption.accept();
    return ended_by(interruption, 0, plan.files.size() + plan.commands.size());
  }
  const Descriptor finished(eventfd(0, EFD_CLOEXEC));
  if (!finished) throw std::system_error(last_error(), "cannot wait for the sinks");
  AsyncStream stream = open_stream(plan, input);
  const Outlets outlets = open_outlets(plan, files, interruption);

  deliver_all(plan, stream, input.size, outlets, finished, interruption);

  const SourceEnd source{input.name, stream.status(), stream.capacity()};
  (void)stream.close();
  const bool well = report(plan, source, outlets);
  const auto ended = [](Outlet::Ending how) {
    return [how](const std::unique_ptr<Outlet>& outlet) { return outlet->ending() == how; };
  };
  if (std::ranges::none_of(outlets, ended(Outlet::Ending::interrupted))) return well ? 0 : 1;

  const auto complete = std::ranges::count_if(outlets, ended(Outlet::Ending::complete));
  return ended_by(interruption, static_cast<std::size_t>(complete), outlets.size());
}

}  // namespace asyncstream::tools::tee
