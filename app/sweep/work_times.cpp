#include "app/sweep/work_times.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "scenarios/text/units.h"

namespace peerbed::app {

void WorkMeter::ended(std::size_t unit, double seconds) {
  ++times_.runs;
  times_.last_run = unit;
  times_.seconds_before = times_.seconds;
  times_.seconds = std::chrono::duration<double>(Clock::now() - begun_).count();
  times_.busy += seconds;
}

Waste waste_of(const std::vector<WorkTimes>& all) {
  Waste waste;
  double before = 0;
  for (const WorkTimes& each : all) {
    waste.workers += each.workers;
    waste.busy += each.busy;
    if (each.seconds > waste.seconds) {
      before = std::max(waste.seconds, each.seconds_before);
      waste.seconds = each.seconds;
      waste.last_run = each.last_run;
    } else {
      before = std::max(before, each.seconds);
    }
  }
  // A process's runs are noticed a moment after they end, so the sum may be a little too large.
  waste.busy = std::min(waste.busy, static_cast<double>(waste.workers) * waste.seconds);
  waste.alone = waste.workers > 1 ? waste.seconds - before : 0;
  return waste;
}

std::string busy_text(double busy, double idle) {
  const double all = busy + idle;
  const auto percent = static_cast<int>(all > 0 ? std::floor(busy / all * 100) : 0);
  return std::to_string(percent) + "% busy, " + scenarios::show_duration(idle * 1e9) + " idle in all";
}

std::string write_work_times(const WorkTimes& times) {
  std::ostringstream text;
  text.precision(17);
  text << times.workers << ' ' << times.runs << ' ' << times.last_run << ' ' << times.seconds << ' '
       << times.seconds_before << ' ' << times.busy;
  return text.str();
}

WorkTimes read_work_times(const std::string& text) {
  std::istringstream words(text);
  WorkTimes times;
  words >> times.workers >> times.runs >> times.last_run >> times.seconds >> times.seconds_before >> times.busy;
  return times;
}

}  // namespace peerbed::app
