#pragma once
// Which site each host is at.

#include <cstddef>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// The sites of a scenario's hosts. A group's own sites are assigned in turn; other hosts go where `placement` says.
class SitePlacement {
 public:
  explicit SitePlacement(const Scenario& scenario);

  // The site of the group's host with this index. 0 if the network has no sites.
  sim::SiteIndex site_of(const Group& group, std::size_t index) const;

 private:
  std::uint64_t seed_;
  Placement placement_;
  std::vector<sim::SiteIndex> eligible_;
  std::vector<double> cumulative_;  // weights of the sites, for by_population
};

// Reads `sites` of each group, as names or numbers. The network has been read. Refuses sites that do not exist, and
// hosts that cannot reach one another.
void read_sites(const Field& groups, Scenario& scenario);

}  // namespace peerbed::scenarios
