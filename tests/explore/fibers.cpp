// SPDX-License-Identifier: Apache-2.0
//
// The model's fibers. A fiber is made once with makecontext; later switches use _longjmp, which
// needs no system call. Each run restarts the fiber at its base. A run that is over or abandoned
// leaves its fibers as they are, because everything they own is in the arena. Data that the
// standard library and the core keep for each thread is kept for each fiber instead.
#include <cxxabi.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "core/current_process.hpp"
#include "explore/model.hpp"

namespace explore {

void Model::trampoline() {
  Model& model = get();
  Fiber& fiber = model.fibers_[model.starting_];
  // The fiber is made; each run restarts it here.
  if (_setjmp(fiber.base) == 0) _longjmp(model.main_, 1);
  Fiber& self = model.fibers_[model.current_];
  (*self.body)();
  delete self.body;
  self.status = Status::finished;
  for (int i = 0; i < model.count_; ++i) {
    Fiber& other = model.fibers_[i];
    if (other.status == Status::joining && other.joins == model.current_) {
      other.status = Status::ready;
      other.past = mix(other.past, self.past);
    }
  }
  model.schedule();
  std::abort();  // a finished fiber is never chosen
}

void Model::make_fiber(Fiber& fiber) {
  constexpr std::size_t kStack = 256 * 1024;
  void* const stack = mmap(nullptr, kStack, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) std::abort();
  ucontext_t context;
  getcontext(&context);
  context.uc_stack = {.ss_sp = stack, .ss_flags = 0, .ss_size = kStack};
  context.uc_link = nullptr;
  makecontext(&context, &trampoline, 0);
  if (_setjmp(main_) == 0) setcontext(&context);
  fiber.made = true;
}

void Model::make_fibers() {
  for (int i = 0; i < kMaxThreads; ++i) {
    starting_ = i;
    if (!fibers_[i].made) make_fiber(fibers_[i]);
  }
}

void Model::save_thread_locals(Fiber& fiber) {
  fiber.process = csp::detail::current_process;
  std::memcpy(fiber.exceptions, abi::__cxa_get_globals(), sizeof fiber.exceptions);
}

void Model::load_thread_locals(const Fiber& fiber) {
  csp::detail::current_process = fiber.process;
  std::memcpy(abi::__cxa_get_globals(), fiber.exceptions, sizeof fiber.exceptions);
}

void Model::switch_to(int thread) {
  const int before = std::exchange(current_, thread);
  Fiber& to = fibers_[thread];
  if (before >= 0) {
    save_thread_locals(fibers_[before]);
    if (_setjmp(fibers_[before].here) != 0) return;
  }
  load_thread_locals(to);
  if (to.started) _longjmp(to.here, 1);
  to.started = true;
  _longjmp(to.base, 1);
}

void Model::forget_thread_locals() { load_thread_locals(Fiber()); }

}  // namespace explore
