#include "scenarios/backends/network_setup.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "scenarios/backends/default_latency.h"
#include "scenarios/plan/site_placement.h"

namespace peerbed::scenarios {
namespace {

using RateChanges = std::vector<sim::RateSchedule::Change>;

// A link with this limit whose rate changes.
sim::LinkLimit changed_limit(sim::LinkLimit limit, const RateChanges& changes) {
  if (limit.rate == sim::Rate{}) limit.rate = {sim::RateSchedule::highest_rate};
  if (!limit.schedule) {
    const std::vector<sim::RateSchedule::Step> always{{Duration::zero(), limit.rate}};
    limit.schedule = std::make_shared<const sim::RateSchedule>(always, Duration::zero());
  }
  limit.schedule = std::make_shared<const sim::RateSchedule>(limit.schedule, changes);
  return limit;
}

}  // namespace

PathChange PathChange::changed_by(const PathChange& later) const {
  PathChange result = *this;
  const auto take = [](auto& mine, const auto& theirs) {
    if (theirs) mine = theirs;
  };
  take(result.latency, later.latency);
  take(result.jitter, later.jitter);
  take(result.loss, later.loss);
  take(result.duplicate, later.duplicate);
  take(result.reorder, later.reorder);
  take(result.reorder_delay, later.reorder_delay);
  take(result.corrupt, later.corrupt);
  return result;
}

sim::PathConditions PathChange::conditions() const {
  sim::PathConditions path;
  path.latency = latency.value_or(sim::LatencyModel::constant(default_latency));
  if (jitter) path.latency = path.latency.with_jitter(*jitter);
  path.loss = loss.value_or(sim::LossModel());
  path.duplicate = duplicate.value_or(0);
  path.reorder = reorder.value_or(0);
  path.reorder_delay = reorder_delay.value_or(Duration::zero());
  path.corrupt = corrupt.value_or(0);
  return path;
}

NetworkSetup::NetworkSetup(const Scenario& scenario, sim::Network& network)
    : scenario_(scenario), network_(network), path_(scenario.network.path) {
  place_hosts();
  lay_paths();
}

void NetworkSetup::place_hosts() {
  network_.set_backbone(scenario_.network.backbone);
  const SitePlacement placement(scenario_);
  for (std::size_t g = 0; g < scenario_.groups.size(); ++g) {
    const Group& group = scenario_.groups[g];
    if (group.nat) network_.gateways().put_behind_nats(group.plan.first, group.plan.count, *group.nat);
    if (group.is_behind_firewall) network_.gateways().put_behind_firewall(group.plan.first, group.plan.count);
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const auto node = group.plan.first + static_cast<NodeIndex>(i);
      network_.set_site(node, placement.site_of(group, i));
      network_.set_group(node, static_cast<sim::GroupIndex>(g));
      if (const sim::LinkLimit up = placement.uplink(node); up.is_limited() || up.traits) network_.set_uplink(node, up);
      if (const sim::LinkLimit down = placement.downlink(node); down.is_limited() || down.traits)
        network_.set_downlink(node, down);
    }
  }
}

void NetworkSetup::lay_paths() {
  path_ = scenario_.network.path;
  network_.set_default(path_.conditions());
  for (auto& [ends, path] : between_) {  // that faults have changed
    path = path_;
    network_.set_between_groups(ends.first, ends.second, path.conditions());
  }
  for (const PathBetweenGroups& path : scenario_.network.between) {
    between_[{path.from, path.to}] = path_.changed_by(path.change);
    network_.set_between_groups(path.from, path.to, between_[{path.from, path.to}].conditions());
  }
  for (const PathBetweenNodes& path : scenario_.network.pairs)
    network_.set_between_hosts(path.from, path.to, path_.changed_by(path.change).conditions());
}

PathChange& NetworkSetup::path_between(sim::GroupIndex from, sim::GroupIndex to) {
  return between_.try_emplace({from, to}, path_).first->second;
}

void NetworkSetup::change(const ChangeNetwork& changed) {
  if (changed.from) {
    PathChange& path = path_between(*changed.from, *changed.to);
    path = path.changed_by(changed.change);
    if (changed.restore) {
      path = scenario_.network.path;
      for (const PathBetweenGroups& original : scenario_.network.between)
        if (original.from == *changed.from && original.to == *changed.to) path = path.changed_by(original.change);
    }
    network_.set_between_groups(*changed.from, *changed.to, path.conditions());
    return;
  }
  if (changed.restore) return lay_paths();
  path_ = path_.changed_by(changed.change);
  network_.set_default(path_.conditions());
  for (auto& [ends, path] : between_) {
    path = path.changed_by(changed.change);
    network_.set_between_groups(ends.first, ends.second, path.conditions());
  }
}

std::vector<ChangedLink> changed_links(const Scenario& scenario, std::span<const ScheduledAction> actions) {
  std::map<std::pair<NodeIndex, bool>, RateChanges> changes;
  for (const ScheduledAction& scheduled : actions)
    if (const auto* change = std::get_if<ChangeRate>(&scheduled.action))
      for (const NodeIndex node : change->nodes) {
        if (change->uplink) changes[{node, true}].push_back({scheduled.at, change->rate});
        if (change->downlink) changes[{node, false}].push_back({scheduled.at, change->rate});
      }
  const Loads loads = cross_traffic_of(scenario);
  const SitePlacement placement(scenario);
  std::vector<ChangedLink> links;
  for (const auto& [end, load] : loads.hosts) changes.try_emplace(end);
  for (const auto& [end, changes_of_link] : changes) {
    sim::LinkLimit limit = end.second ? placement.uplink(end.first) : placement.downlink(end.first);
    if (!changes_of_link.empty()) limit = changed_limit(limit, changes_of_link);
    if (const auto load = loads.hosts.find(end); load != loads.hosts.end())
      limit = limit_beside(limit, load->second, scenario.duration);
    links.push_back({end.first, end.second, limit});
  }
  return links;
}

void NetworkSetup::count(const sim::LinkLimit& limit, const Load& load) {
  const Offered more = offered_to(limit, load, scenario_.duration);
  if (!cross_traffic_) cross_traffic_.emplace();
  cross_traffic_->bytes += more.bytes;
  cross_traffic_->excess += more.excess;
}

void NetworkSetup::foresee(std::span<const ScheduledAction> actions) {
  for (const ChangedLink& link : changed_links(scenario_, actions))
    link.is_uplink ? network_.set_uplink(link.node, link.limit) : network_.set_downlink(link.node, link.limit);
  std::map<sim::LinkIndex, RateChanges> changes;
  const auto links = network_.backbone().links();
  for (const ScheduledAction& scheduled : actions)
    if (const auto* change = std::get_if<ChangeLinkRate>(&scheduled.action))
      for (sim::LinkIndex link = 0; link < links.size(); ++link)
        if (is_meant(*change, links[link])) changes[link].push_back({scheduled.at, change->rate});
  const Loads loads = cross_traffic_of(scenario_);
  const SitePlacement placement(scenario_);
  for (const auto& [end, load] : loads.hosts)
    count(end.second ? placement.uplink(end.first) : placement.downlink(end.first), load);
  for (const auto& [link, load] : loads.links) changes.try_emplace(link);
  for (const auto& [link, changes_of_link] : changes) {
    sim::LinkLimit limit = links[link].limit;
    if (!changes_of_link.empty()) limit = changed_limit(limit, changes_of_link);
    if (const auto load = loads.links.find(link); load != loads.links.end()) {
      count(limit, load->second);
      limit = limit_beside(limit, load->second, scenario_.duration);
    }
    network_.set_backbone_limit(link, limit);
  }
}

std::size_t NetworkSetup::apply(const Action& action, Time now) {
  if (const auto* cut = std::get_if<Partition>(&action)) {
    network_.partition(cut->name, sim::NodeSet(cut->from), sim::NodeSet(cut->to), cut->one_way);
    return cut->from.size();
  }
  if (const auto* heal = std::get_if<Heal>(&action)) {
    if (!heal->name.empty()) return network_.heal(heal->name) ? 1 : 0;
    network_.heal_all();
    return 1;
  }
  if (const auto* clog = std::get_if<Clog>(&action)) {
    network_.clog(sim::NodeSet(clog->from), sim::NodeSet(clog->to), now + clog->length);
    return clog->from.size();
  }
  if (const auto* message = std::get_if<ChangeMessage>(&action)) {
    network_.add_deed(message->deed);
    return 1;
  }
  if (const auto* rates = std::get_if<ChangeRate>(&action)) return rates->nodes.size();
  if (std::holds_alternative<ChangeLinkRate>(action)) return 1;
  change(std::get<ChangeNetwork>(action));
  return 1;
}

}  // namespace peerbed::scenarios
