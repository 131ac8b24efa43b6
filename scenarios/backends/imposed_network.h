#pragma once
// The scenario's network, imposed by the sending hosts: sim::Network decides the fate of each datagram, and the host
// carries it out. Streams get their latency and the rates of their hosts' links; the rest is left to the kernel.

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adapter/base/traffic_shaper.h"
#include "scenarios/backends/network_setup.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/plan/site_placement.h"
#include "sim/network/network.h"

namespace peerbed::scenarios {

// What enforces the rates of up-links and down-links.
enum class RateKeeper : std::uint8_t { host, kernel };

class ImposedNetwork final : public adapter::TrafficShaper {
 public:
  // `nodes` gives the scenario's node for each node of the host.
  ImposedNetwork(const Scenario& scenario, std::vector<NodeIndex> nodes, RateKeeper rates);

  void foresee(std::span<const ScheduledAction> actions);
  std::size_t apply(const Action& action, Time now);
  // What happened to datagrams, besides those that left unchanged.
  struct Fates {
    std::uint64_t lost = 0;
    std::uint64_t dropped_queue = 0;
    std::uint64_t dropped_partition = 0;
    std::uint64_t duplicated = 0;
    std::uint64_t reordered = 0;
    std::uint64_t corrupted = 0;
  };
  const Fates& fates() const noexcept { return fates_; }

  adapter::Departures departures(NodeIndex from, Address to, std::size_t size, Time now) override;
  adapter::StreamPath path(NodeIndex from, Address to, Time now) override;

 private:
  NodeIndex node_at(Address address) const noexcept { return address.host() - first_.host(); }
  adapter::Pace* pace(std::map<NodeIndex, adapter::Pace>& paces, NodeIndex node, const sim::LinkLimit& limit) const;
  void change_pace(const ChangeRate& change, NodeIndex node);

  const Scenario& scenario_;
  SitePlacement placement_;
  std::vector<NodeIndex> nodes_;
  RateKeeper rates_;
  Address first_;
  sim::Network network_;
  NetworkSetup network_setup_;
  std::map<NodeIndex, adapter::Pace> uploads_;
  std::map<NodeIndex, adapter::Pace> downloads_;
  std::set<NodeIndex> rated_;  // nodes whose rates will change, or have
  std::uint32_t ordinal_ = 0;
  std::uint64_t streams_ = 0;
  Fates fates_;
};

// Which conditions of the scenario are imposed, and by what, and which are not: one sentence each.
std::vector<std::string> who_imposes_what(const Scenario& scenario, bool uses_streams, RateKeeper rates);

}  // namespace peerbed::scenarios
