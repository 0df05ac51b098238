// SPDX-License-Identifier: Apache-2.0
//
// The file of a buffer; see spill.hpp.
#include "spill.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <vector>

namespace asyncstream::detail {
namespace {

constexpr std::size_t kPage = 4096;  // at least
constexpr std::size_t kStep = std::size_t{16} << 20;
constexpr std::size_t kLeastStep = std::size_t{64} << 10;
constexpr std::size_t kWindow = std::size_t{2} << 20;  // how much the writer keeps

std::error_code last_error() { return {errno, std::generic_category()}; }

/// A file without a name; where the file system knows none, one whose name is gone.
int open_unnamed(const std::string& folder) {
  const int fd = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string name = folder + "/.asyncstream.XXXXXX";
  const int named = mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) unlink(name.c_str());
  return named;
}

std::error_code write_zeros(int fd, std::size_t begin, std::size_t size) {
  const std::vector<char> zeros(std::min(size, kLeastStep));
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = pwrite(fd, zeros.data(), std::min(zeros.size(), size - done),
                             static_cast<off_t>(begin + done));
    if (n < 0 && errno != EINTR) return last_error();
    if (n > 0) done += static_cast<std::size_t>(n);
  }
  return {};
}

std::error_code allocate_in(int fd, std::size_t begin, std::size_t size) {
  while (fallocate(fd, 0, static_cast<off_t>(begin), static_cast<off_t>(size)) != 0) {
    if (errno == EOPNOTSUPP) return write_zeros(fd, begin, size);
    if (errno != EINTR) return last_error();
  }
  return {};
}

}  // namespace

Spill::Spill(const std::string& folder, std::size_t size) {
  if (size > PTRDIFF_MAX) throw std::bad_alloc();
  fd_ = open_unnamed(folder);
  if (fd_ < 0) throw std::system_error(last_error(), "asyncstream: cannot spill to " + folder);
  if (size == 0) return;
  void* const mapped =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd_, 0);
  if (mapped == MAP_FAILED) {
    close(fd_);
    throw std::bad_alloc();
  }
  room_ = {static_cast<std::byte*>(mapped), size};
}

Spill::~Spill() {
  if (!room_.empty()) munmap(room_.data(), room_.size());
  close(fd_);
}

std::error_code Spill::allocate(std::size_t end) {
  while (allocated_ < end) {
    if (const std::error_code error = allocate_step()) return error;
  }
  prepare(end);
  return {};
}

/// As much as there is, if it is less than a step.
std::error_code Spill::allocate_step() {
  std::error_code error;
  const std::size_t left = room_.size() - allocated_;
  for (std::size_t step = kStep; step >= kLeastStep; step /= 4) {
    const std::size_t size = std::min(step, left);
    error = allocate_in(fd_, allocated_, size);
    if (!error) {
      allocated_ += size;
      return {};
    }
    const bool less_may_fit =
        error == std::errc::no_space_on_device || error == std::errc::file_too_large;
    if (!less_may_fit) break;
  }
  return error;
}

/// Of a stream that has shown to be long, pages are made many at a time, and what lies behind is
/// given back and begins to be written out.
void Spill::prepare(std::size_t end) {
  if (end <= prepared_) return;
  const std::size_t next = std::min(std::max(end, prepared_ + kWindow / 2), allocated_);
  if (prepared_ > 0) {
    const std::size_t begin = prepared_ / kPage * kPage;
    madvise(room_.data() + begin, next - begin, MADV_POPULATE_WRITE);  // only advice
    prepared_ = next;
  } else if (end >= kWindow / 2) {
    prepared_ = end;
  }
  if (end < given_back_ + 2 * kWindow) return;
  const std::size_t behind = end - kWindow;
  passed(given_back_, behind);
  sync_file_range(fd_, static_cast<off_t>(given_back_), static_cast<off_t>(behind - given_back_),
                  SYNC_FILE_RANGE_WRITE);
  given_back_ = behind;
}

void Spill::passed(std::size_t begin, std::size_t end) const noexcept {
  static const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  begin = begin / page * page;
  end = std::min(end, room_.size()) / page * page;
  if (begin < end) madvise(room_.data() + begin, end - begin, MADV_DONTNEED);
}

}  // namespace asyncstream::detail
