// SPDX-License-Identifier: Apache-2.0
//
// Audience: the recorders that are attached, each with what it wants to hear. Whatever one of them
// throws ends here. It belongs to the engine (trace_engine.hpp), whose mutex guards all of it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "csp/trace.hpp"

namespace csp::detail {

class Audience {
 public:
  /// What they ask of the engine, taken together: the largest capacity, and block before drop.
  struct Needs {
    std::size_t capacity = 1;
    bool drops = false;
    bool checksums = false;
  };

  /// Events before number `from` are not for it. Throws std::invalid_argument if it is null or here
  /// already.
  void add(std::shared_ptr<Recorder> recorder, TraceOptions options, std::uint64_t from);
  bool remove(const std::shared_ptr<Recorder>& recorder);
  std::size_t size() const { return attached_.size(); }
  Needs needs() const;

  /// An event that tells of lost ones before it passes every filter.
  void record(const Event& event);
  void dropped(std::uint64_t count);
  void flush();

 private:
  struct Attached {
    std::shared_ptr<Recorder> recorder;
    TraceOptions options;
    std::uint64_t from;
  };

  template <class F>
  void guarded(F&& f);
  void complain(const char* what);

  std::vector<Attached> attached_;
  bool complained_ = false;
};

}  // namespace csp::detail
