#pragma once
// Remembers what disturbed the nodes of a run, and so what may be asked of them: some properties hold only after a
// while of calm, others only while silence means death.

#include <algorithm>
#include <set>
#include <string>

#include "scenarios/action.h"

namespace peerbed::scenarios {

class Disturbances {
 public:
  explicit Disturbances(Duration settle) : settle_(settle) {}

  void note(const Deed& deed, Duration at);
  void note_exit(Duration at) { last_ = std::max(last_, at); }

  // Nothing was started, stopped, cut or changed for the settle time, and nobody is cut off or paused.
  bool settled(Duration now) const noexcept { return !is_cut() && is_past(last_, now); }
  // A peer that is silent is down: nothing but crashes and departures happened for the settle time.
  bool silence_means_death(Duration now) const noexcept { return !is_cut() && is_past(last_deception_, now); }

 private:
  static constexpr Duration never{-1};

  bool is_cut() const noexcept { return !partitions_.empty() || !paused_.empty(); }
  bool is_past(Duration last, Duration now) const noexcept { return last == never || now - last >= settle_; }

  Duration settle_;
  Duration last_ = never;
  Duration last_deception_ = never;  // of failure detectors: cuts, delays, changed clocks, lies
  std::set<std::string> partitions_;
  std::set<sim::NodeIndex> paused_;
};

}  // namespace peerbed::scenarios
