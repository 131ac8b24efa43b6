#pragma once
// The load of a scenario's cross traffic on the links that it crosses, over time. It is a fluid: it takes its rate from
// a link, and the nodes' packets get the rest.

#include <map>
#include <utility>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "sim/network/backbone.h"

namespace peerbed::scenarios {

// From each of these times on, in order, cross traffic offers a link this rate.
using Load = std::vector<sim::RateSchedule::Step>;

struct Loads {
  std::map<std::pair<NodeIndex, bool>, Load> hosts;  // by node; true: its up-link
  std::map<sim::LinkIndex, Load> links;              // of the topology
};

// The same each time. Throws ScenarioError if it changes more often than a run has room for.
Loads cross_traffic_of(const Scenario& scenario);

// Bytes that cross traffic offered to a link by the end of the run, and those for which the link had no rate.
struct Offered {
  double bytes = 0;
  double excess = 0;
};
Offered offered_to(const sim::LinkLimit& limit, const Load& load, Duration end);

// What a link of this limit has left for packets, by the end of the run: at least a hundredth of its rate.
sim::LinkLimit limit_beside(const sim::LinkLimit& limit, const Load& load, Duration end);

}  // namespace peerbed::scenarios
