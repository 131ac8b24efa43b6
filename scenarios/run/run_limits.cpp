#include "scenarios/run/run_limits.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

// Many nodes may do much at once, but not forever.
constexpr std::uint64_t usual_instant_limit = 10'000'000;
constexpr std::uint64_t usual_instant_limit_of_a_node = 100;
constexpr Duration instant = std::chrono::microseconds(1);

std::uint64_t page_bytes() { return static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE))); }

// Anything but a number ("max") means no limit.
std::uint64_t limit_in(const char* file) {
  std::ifstream stream(file);
  std::uint64_t limit = 0;
  return stream >> limit ? limit : UINT64_MAX;
}

// The memory that this process uses, in bytes; 0 if the system does not say, here and below.
std::uint64_t resident_bytes() {
  std::ifstream stream("/proc/self/statm");
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  return stream >> all >> resident ? resident * page_bytes() : 0;
}

// The memory of the machine, or of the control group that confines this process.
std::uint64_t memory_bytes() {
  const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
  return std::min({pages * page_bytes(), limit_in("/sys/fs/cgroup/memory.max"),
                   limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

}  // namespace

// Pending events may use half of the memory; the process, with nodes and records, half as much again.
RunLimits::RunLimits(const Scenario& scenario, std::size_t sharers)
    : events_(scenario.limits.events.value_or(usual_event_limit)),
      instant_(scenario.limits.instant.value_or(
          std::max(usual_instant_limit, usual_instant_limit_of_a_node * scenario.node_count()))),
      memory_(scenario.limits.memory.value_or(memory_bytes() / 2 / std::max<std::size_t>(sharers, 1))) {}

std::optional<std::string> RunLimits::outgrown(const Backend& backend) {
  if (events_left(backend) == 0) return "it reached its limit of " + show_counted(events_, "event");
  if (auto words = is_standing_still(backend)) return words;
  if (auto words = takes_too_much(backend)) return words;
  const NodeIndex node = backend.exhausted_node();
  if (node == no_node) return std::nullopt;
  return backend.name_of(node) + " has sent more messages and set more timers than the simulator can number";
}

std::optional<std::string> RunLimits::is_standing_still(const Backend& backend) {
  if (backend.now() - moved_ >= instant) {
    moved_ = backend.now();
    events_when_moved_ = backend.events();
  }
  const std::uint64_t happened = backend.events() - events_when_moved_;
  if (happened < instant_) return std::nullopt;
  return "time stands still: more than " + show_counted(instant_, "event") + " happened within a microsecond";
}

// Pending events are the same in every run; other memory use is not, and so has more slack.
std::optional<std::string> RunLimits::takes_too_much(const Backend& backend) const {
  if (memory_ == 0) return std::nullopt;
  const std::string limit = show_size(static_cast<double>(memory_));
  const std::uint64_t under_way = backend.bytes_under_way();
  if (under_way > memory_)
    return "pending events take " + show_size(static_cast<double>(under_way)) + ", more than its limit of " + limit;
  const std::uint64_t resident = resident_bytes();
  if (resident > memory_ + memory_ / 2)
    return "the process takes " + show_size(static_cast<double>(resident)) + ", more than 1.5 times its limit of " +
           limit;
  return std::nullopt;
}

}  // namespace peerbed::scenarios
