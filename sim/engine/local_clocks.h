#pragma once
// The clocks of hosts whose clock is wrong: each is off by some time and runs fast or slow. The others show the true
// time and are not kept here. Callers ask only about hosts whose clock was set.

#include <cstdint>
#include <map>

#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::sim {

class LocalClocks {
 public:
  // From the true time `now` on, the clock is off by `offset` and gains drift_ppb nanoseconds a second, whatever it
  // showed before. It never runs backwards: drift_ppb is above -1,000,000,000.
  void set(NodeIndex node, Time now, Duration offset, std::int64_t drift_ppb);
  // What the clock shows at the true time `now`, which is not before it was set.
  Time shown(NodeIndex node, Time now) const;
  // How long a delay measured by this clock really takes, rounded up.
  Duration true_delay(NodeIndex node, Duration local_delay) const;

 private:
  struct Clock {
    Time since;  // true time of the last change
    Time shown;  // what the clock showed then
    std::int64_t drift_ppb = 0;
  };
  const Clock& clock_of(NodeIndex node) const;

  std::map<NodeIndex, Clock> clocks_;
};

}  // namespace peerbed::sim
