#pragma once
// When a recorded run is pictured besides its regular snapshots: just before and after each great fault, and each
// second for a while after it. A fault is great if it changes the surroundings or many nodes at once; the greatest are
// chosen as far as the number of pictures allows.

#include <cstddef>
#include <deque>
#include <set>
#include <vector>

#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

class FaultPictures {
 public:
  static constexpr int seconds_after = 10;

  // With about this many pictures.
  void plan(const Scenario& scenario, const std::vector<ScheduledAction>& actions, std::size_t pictures);

  // The next picture that is not one just after a fault; Duration::max() if there is none.
  Duration next() const noexcept { return due_.empty() ? Duration::max() : due_.front(); }
  // Removes the pictures that are due by now. Returns whether there were any.
  bool take(Duration now);
  bool is_fault(Duration at) const { return faults_.contains(at); }

 private:
  std::set<Duration> faults_;
  std::deque<Duration> due_;  // in order
};

}  // namespace peerbed::scenarios
