#pragma once
// A scenario's network: set up at the start and changed by actions. It works on a sim::Network, which decides the fate
// of datagrams, whether they travel through a simulation or through real sockets.

#include <cstddef>
#include <map>
#include <utility>

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"
#include "sim/network/network.h"

namespace peerbed::scenarios {

class NetworkSetup {
 public:
  // The network has the scenario's hosts. Both outlive this.
  NetworkSetup(const Scenario& scenario, sim::Network& network);

  // Applies an action to the network: Partition, Heal, Clog, ChangeMessage or
  // ChangeNetwork, and no other. Returns how many nodes it
  // affected.
  std::size_t apply(const Action& action, Time now);

 private:
  void place_hosts();
  void lay_paths();
  void change(const ChangeNetwork& change);
  PathChange& path_between(sim::GroupIndex from, sim::GroupIndex to);

  const Scenario& scenario_;
  sim::Network& network_;
  // The conditions as they are now.
  PathChange path_;
  std::map<std::pair<sim::GroupIndex, sim::GroupIndex>, PathChange> between_;
};

}  // namespace peerbed::scenarios
