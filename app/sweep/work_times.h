#pragma once
// How well the workers of a sweep were used.

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace peerbed::app {

// A shorter sweep says nothing of its workers.
constexpr double least_seconds_for_waste = 1;

// Of one process and its workers.
struct WorkTimes {
  std::size_t workers = 0;
  std::size_t runs = 0;
  std::size_t last_run = 0;   // the unit that ended last
  double seconds = 0;         // from the start until its last run ended
  double seconds_before = 0;  // until the one before it ended
  double busy = 0;            // seconds of all runs together
};

// Measures them from its construction on.
class WorkMeter {
 public:
  explicit WorkMeter(std::size_t workers) : begun_(Clock::now()) { times_.workers = workers; }

  // A run has just ended.
  void ended(std::size_t unit, double seconds);
  const WorkTimes& times() const noexcept { return times_; }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point begun_;
  WorkTimes times_;
};

// Of all processes of a sweep, which began together.
struct Waste {
  std::size_t workers = 0;
  std::size_t last_run = 0;
  double seconds = 0;  // from the start until the last run ended
  double busy = 0;
  double alone = 0;  // seconds at the end for which only one run was left

  double idle() const noexcept { return static_cast<double>(workers) * seconds - busy; }
};

Waste waste_of(const std::vector<WorkTimes>& all);

// "93% busy, 2.1s idle in all".
std::string busy_text(double busy, double idle);

// For another process.
std::string write_work_times(const WorkTimes& times);
WorkTimes read_work_times(const std::string& text);

}  // namespace peerbed::app
