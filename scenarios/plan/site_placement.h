#pragma once
// Which site each host is at.

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// The sites of a scenario's hosts, and their links. The scenario outlives it. A group's own sites are assigned in turn;
// other hosts go where `placement` says.
class SitePlacement {
 public:
  explicit SitePlacement(const Scenario& scenario);

  // The site of the group's host with this index. 0 if the network has no sites.
  sim::SiteIndex site_of(const Group& group, std::size_t index) const;
  sim::SiteIndex site_of(NodeIndex node) const;
  // A host's links: as its group says, or its site. Unlimited if neither does.
  sim::LinkLimit uplink(NodeIndex node) const;
  sim::LinkLimit downlink(NodeIndex node) const;

 private:
  const Scenario& scenario_;
  std::uint64_t seed_;
  Placement placement_;
  std::vector<sim::SiteIndex> eligible_;
  std::vector<double> cumulative_;  // weights of the sites, for by_population
};

// How many sites the network has; zero if its latency does not use any.
std::size_t site_count(const NetworkPlan& network);
// A site's name, or its number if it has none.
std::string label_of_site(const NetworkPlan& network, sim::SiteIndex site);
// A site by its name or number. Refuses one that does not exist.
sim::SiteIndex read_site(const Field& field, const NetworkPlan& network);
// How messages call a site: 'Oslo', or its number.
std::string name_of_site(const NetworkPlan& network, sim::SiteIndex site);

// Reads `sites` of each group, as names or numbers. The network has been read. Refuses sites that do not exist, and
// hosts that cannot reach one another.
void read_sites(const Field& groups, Scenario& scenario);

}  // namespace peerbed::scenarios
