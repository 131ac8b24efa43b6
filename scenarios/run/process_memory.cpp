#include "scenarios/run/process_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace peerbed::scenarios {
namespace {

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE))); }

// Anything but a number ("max") means no limit.
std::uint64_t limit_in(const char* file) {
  std::ifstream stream(file);
  std::uint64_t limit = 0;
  return stream >> limit ? limit : UINT64_MAX;
}

}  // namespace

std::uint64_t resident_bytes() {
  std::ifstream stream("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  return stream >> all >> resident ? resident * page_bytes() : 0;
}

std::uint64_t memory_bytes() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  return std::min({pages * page_bytes(), limit_in("/sys/fs/cgroup/memory.max"),
                   limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

}  // namespace peerbed::scenarios
