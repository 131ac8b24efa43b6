#pragma once
// A scenario's network: set up at the start and changed by actions. It works on a sim::Network, which decides the fate
// of datagrams, whether they travel through a simulation or through real sockets.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scenarios/backends/cross_traffic.h"
#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"
#include "sim/network/network.h"

namespace peerbed::scenarios {

// A host's link whose rate these actions change, which are in order of time, or whose rate cross traffic takes.
struct ChangedLink {
  NodeIndex node = 0;
  bool is_uplink = true;
  sim::LinkLimit limit;  // with its changes, beside cross traffic
};
std::vector<ChangedLink> changed_links(const Scenario& scenario, std::span<const ScheduledAction> actions);

class NetworkSetup {
 public:
  // The network has the scenario's hosts. Both outlive this.
  NetworkSetup(const Scenario& scenario, sim::Network& network);

  // Prepares the links for cross traffic, and for the changes of their rates among these actions, which are in order of
  // time: what is queued at the time of a change leaves at the new rate.
  void foresee(std::span<const ScheduledAction> actions);
  // Applies an action to the network: Partition, Heal, Clog, ChangeMessage, ChangeNetwork, or a change of rates that
  // was foreseen, and no other. Returns how many nodes it affected.
  std::size_t apply(const Action& action, Time now);

  // Of cross traffic, on all links together; absent without any.
  const std::optional<Offered>& cross_traffic() const noexcept { return cross_traffic_; }

 private:
  void count(const sim::LinkLimit& limit, const Load& load);
  void place_hosts();
  void lay_paths();
  void change(const ChangeNetwork& change);
  PathChange& path_between(sim::GroupIndex from, sim::GroupIndex to);

  const Scenario& scenario_;
  sim::Network& network_;
  std::optional<Offered> cross_traffic_;
  // The conditions as they are now.
  PathChange path_;
  std::map<std::pair<sim::GroupIndex, sim::GroupIndex>, PathChange> between_;
};

}  // namespace peerbed::scenarios
