#include "scenarios/swim/swim_detections.h"

namespace peerbed::scenarios {
namespace {

std::uint64_t nanoseconds(Duration duration) { return static_cast<std::uint64_t>(duration.count()); }

}  // namespace

void SwimDetections::note_start(Time time, NodeIndex node) {
  up_[node] = time;
  const auto crash = crashes_.find(node);
  if (crash == crashes_.end()) return;
  if (!crash->second.is_noticed) ++unnoticed_;
  crashes_.erase(crash);
}

void SwimDetections::note_end(Time time, NodeIndex node, bool is_crash) {
  up_.erase(node);
  const bool was_member = members_.erase(node) > 0;
  for (auto crash = crashes_.begin(); crash != crashes_.end();) crash = take_out(crash, node);
  if (is_crash && was_member && !members_.empty())
    crashes_[node] = {.at = time, .noticed = {}, .is_noticed = false, .unaware = members_};
}

void SwimDetections::note_suspicion(NodeIndex of) { false_suspicions_ += up_.count(of); }

void SwimDetections::note_burial(Time time, NodeIndex of, Duration suspected) {
  if (const auto up = up_.find(of); up != up_.end() && up->second < time - suspected) ++false_deaths_;
}

void SwimDetections::note_death(Time time, NodeIndex by, NodeIndex of) {
  const auto crash = crashes_.find(of);
  if (crash == crashes_.end()) return;
  if (!crash->second.is_noticed) first_.add(nanoseconds(time - crash->second.at));
  crash->second.is_noticed = true;
  crash->second.noticed = time;
  take_out(crash, by);
}

SwimDetections::Crashes::iterator SwimDetections::take_out(Crashes::iterator crash, NodeIndex node) {
  Crash& known = crash->second;
  known.unaware.erase(node);
  if (!known.unaware.empty()) return std::next(crash);
  if (known.is_noticed) all_.add(nanoseconds(known.noticed - known.at));
  return crashes_.erase(crash);
}

void SwimDetections::begin_measuring() {
  first_ = all_ = {};
  unnoticed_ = false_suspicions_ = false_deaths_ = 0;
}

std::vector<std::pair<std::string, Unit>> SwimDetections::metrics() {
  std::vector<std::pair<std::string, Unit>> names{{"swim.detection.unnoticed", Unit::count},
                                                  {"swim.false_suspicions", Unit::count},
                                                  {"swim.false_deaths", Unit::count}};
  for (const char* until : {"first", "all"})
    for (const char* part : {"mean", "deviation", "p50", "p90", "p99", "max"})
      names.emplace_back("swim.detection." + std::string(until) + "." + part, Unit::nanoseconds);
  return names;
}

void SwimDetections::measure(analysis::Metrics& metrics) const {
  metrics.set_distribution("swim.detection.first", first_, Unit::nanoseconds, Better::less);
  metrics.set_distribution("swim.detection.all", all_, Unit::nanoseconds, Better::less);
  metrics.set("swim.detection.unnoticed", unnoticed_);
  metrics.set("swim.false_suspicions", false_suspicions_, Unit::count, Better::less);
  metrics.set("swim.false_deaths", false_deaths_, Unit::count, Better::less);
}

}  // namespace peerbed::scenarios
