// What a scenario says about the traffic of others.

#include <cmath>
#include <utility>

#include "scenarios/plan/load.h"
#include "scenarios/plan/site_placement.h"

namespace peerbed::scenarios {
namespace {

void read_place(MapReader& map, const NodeSelector& selector, const NetworkPlan& network, CrossTraffic& traffic) {
  const auto uplink = map.find("uplink");
  const auto downlink = map.find("downlink");
  const auto between = map.find("between");
  if ((uplink ? 1 : 0) + (downlink ? 1 : 0) + (between ? 1 : 0) != 1)
    map.field().fail(
        "say where this traffic is: add one of `uplink` or `downlink`, with nodes, or `between`, with two sites");
  if (uplink) traffic.uplinks = selector.nodes(*uplink);
  if (downlink) traffic.downlinks = selector.nodes(*downlink);
  if (!between) return;
  const std::vector<Field> ends = between->elements();
  if (ends.size() != 2) between->fail_expected("two sites, such as [Oslo, Rome]");
  traffic.path.emplace(read_site(ends[0], network), read_site(ends[1], network));
  if (traffic.path->first == traffic.path->second) between->fail("these are the same site; name two");
  const auto [from, to] = *traffic.path;
  if (!network.parts.empty() && network.parts[from] != network.parts[to])
    between->fail("the topology has no path both ways between " + name_of_site(network, from) + " and " +
                  name_of_site(network, to) + "; name two sites of one part");
}

void read_pattern(MapReader& map, CrossTraffic& traffic) {
  const auto on = map.find("on");
  const auto off = map.find("off");
  const auto transfers = map.find("transfers");
  if (on) traffic.on = read_duration_distribution(*on);
  if (off) traffic.off = read_duration_distribution(*off);
  if (on.has_value() != off.has_value()) (on ? on : off)->fail("give both `on` and `off`, or neither");
  for (const auto& [times, given] : {std::pair(traffic.on, on), std::pair(traffic.off, off)})
    if (times && !std::isfinite(times->mean())) given->fail("these times have no finite mean; use a shape above 1");
  if (transfers && on) transfers->fail("a source has transfers or is on and off; remove one of them");
  if (!transfers) return;
  transfers->map([&](MapReader& each) {
    CrossTraffic::Transfers how;
    how.mean_interval = each.require("arrivals").frequency();
    how.mean_size = static_cast<double>(each.require("size").size());
    const auto shape = each.find("shape");
    how.shape = shape ? shape->number(1.01, 100) : 1.2;
    traffic.transfers = how;
  });
}

}  // namespace

std::vector<CrossTraffic> read_cross_traffic(const Field& field, const NodeSelector& selector,
                                             const NetworkPlan& network) {
  std::vector<CrossTraffic> all;
  for (const Field& element : field.elements())
    element.map([&](MapReader& map) {
      CrossTraffic traffic;
      read_place(map, selector, network, traffic);
      traffic.rate = map.require("rate").rate();
      if (const auto sources = map.find("sources")) traffic.sources = sources->count(1, 100'000);
      read_pattern(map, traffic);
      if (const auto from = map.find("from")) traffic.from = from->duration();
      if (const auto until = map.find("until")) traffic.until = until->duration();
      if (traffic.until <= traffic.from) element.fail("this traffic ends before it starts; correct `from` or `until`");
      all.push_back(std::move(traffic));
    });
  return all;
}

}  // namespace peerbed::scenarios
