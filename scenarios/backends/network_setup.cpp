#include "scenarios/backends/network_setup.h"

#include "scenarios/plan/site_placement.h"

namespace peerbed::scenarios {
namespace {

constexpr Duration default_latency = std::chrono::milliseconds(20);

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
  if (!scenario_.network.backbone.empty()) network_.set_backbone(scenario_.network.backbone);
  const SitePlacement placement(scenario_);
  for (std::size_t g = 0; g < scenario_.groups.size(); ++g) {
    const Group& group = scenario_.groups[g];
    if (group.nat) network_.gateways().put_behind_nats(group.plan.first, group.plan.count, *group.nat);
    if (group.is_behind_firewall) network_.gateways().put_behind_firewall(group.plan.first, group.plan.count);
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const auto node = group.plan.first + static_cast<NodeIndex>(i);
      network_.set_site(node, placement.site_of(group, i));
      network_.set_group(node, static_cast<sim::GroupIndex>(g));
      if (group.uplink) network_.set_uplink(node, *group.uplink);
      if (group.downlink) network_.set_downlink(node, *group.downlink);
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
  change(std::get<ChangeNetwork>(action));
  return 1;
}

}  // namespace peerbed::scenarios
