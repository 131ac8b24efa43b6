#include "scenarios/stage.h"

#include <algorithm>

#include "protocols/environment/random.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t placement_purpose = 0x97ACE;  // tells these draws from all others of the seed
constexpr Duration default_latency = std::chrono::milliseconds(20);

template <class... Cases>
struct overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
overloaded(Cases...) -> overloaded<Cases...>;

// The first index whose cumulative weight exceeds a draw.
std::size_t weighted_index(const std::vector<double>& cumulative, double unit) {
  const double wanted = unit * cumulative.back();
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), wanted);
  return std::min<std::size_t>(static_cast<std::size_t>(found - cumulative.begin()), cumulative.size() - 1);
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

sim::DiskModel StorageChange::applied_to(sim::DiskModel model) const {
  if (rate) model.rate = *rate;
  if (latency) model.latency = *latency;
  if (capacity) model.capacity = *capacity;
  if (failing) model.failing = *failing;
  return model;
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

Stage::Stage(const Scenario& scenario, sim::EventQueueKind queue)
    : scenario_(scenario),
      world_(sim::WorldOptions{.seed = scenario.seed, .queue = queue, .streams = scenario.network.streams}),
      path_(scenario.network.path) {
  add_groups();
  place_hosts();
  lay_network();
}

void Stage::add_groups() {
  std::vector<const Protocol*> protocols;
  for (const Group& group : scenario_.groups) {
    auto found = std::find(protocols.begin(), protocols.end(), group.protocol.get());
    if (found == protocols.end()) {
      std::vector<GroupPlan> plans;
      for (const Group& other : scenario_.groups)
        if (other.protocol == group.protocol) plans.push_back(other.plan);
      runs_.push_back(group.protocol->begin(plans, scenario_.seed));
      found = protocols.insert(protocols.end(), group.protocol.get());
    }
    run_of_group_.push_back(static_cast<std::size_t>(found - protocols.begin()));
    runs_[run_of_group_.back()]->add_group(world_, group.plan);
  }
}

void Stage::place_hosts() {
  const NetworkPlan& plan = scenario_.network;
  const std::size_t sites = plan.path.latency ? plan.path.latency->site_count() : 0;
  std::vector<double> cumulative;
  for (const double weight : plan.site_weights)
    cumulative.push_back((cumulative.empty() ? 0 : cumulative.back()) + weight);
  sim::Network& network = world_.network();
  if (!plan.backbone.empty()) network.set_backbone(plan.backbone);
  for (std::size_t g = 0; g < scenario_.groups.size(); ++g) {
    const Group& group = scenario_.groups[g];
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const auto node = group.plan.first + static_cast<sim::NodeIndex>(i);
      KeyedStream draws(key_of(scenario_.seed, placement_purpose, node));
      std::size_t site = 0;
      if (!group.sites.empty())
        site = group.sites[i % group.sites.size()];
      else if (sites == 0)
        site = 0;
      else if (plan.placement == Placement::by_population)
        site = weighted_index(cumulative, draws.unit());
      else
        site = plan.placement == Placement::random ? draws.below(sites) : node % sites;
      network.set_site(node, static_cast<sim::SiteIndex>(site));
      network.set_group(node, static_cast<sim::GroupIndex>(g));
      if (group.uplink) network.set_uplink(node, *group.uplink);
      if (group.downlink) network.set_downlink(node, *group.downlink);
      if (group.storage != sim::DiskModel{}) world_.set_disk(node, group.storage);
    }
  }
}

void Stage::lay_network() {
  sim::Network& network = world_.network();
  path_ = scenario_.network.path;
  between_.clear();
  network.set_default(path_.conditions());
  for (const PathBetweenGroups& path : scenario_.network.between) {
    between_[{path.from, path.to}] = path_.changed_by(path.change);
    network.set_between_groups(path.from, path.to, between_[{path.from, path.to}].conditions());
  }
  for (const PathBetweenNodes& path : scenario_.network.pairs)
    network.set_between_hosts(path.from, path.to, path_.changed_by(path.change).conditions());
}

PathChange& Stage::path_between(sim::GroupIndex from, sim::GroupIndex to) {
  return between_.try_emplace({from, to}, path_).first->second;
}

void Stage::change_network(const ChangeNetwork& change) {
  sim::Network& network = world_.network();
  if (change.from) {
    PathChange& path = path_between(*change.from, *change.to);
    path = path.changed_by(change.change);
    if (change.restore) {
      path = scenario_.network.path;
      for (const PathBetweenGroups& original : scenario_.network.between)
        if (original.from == *change.from && original.to == *change.to) path = path.changed_by(original.change);
    }
    network.set_between_groups(*change.from, *change.to, path.conditions());
    return;
  }
  if (change.restore) return lay_network();
  path_ = path_.changed_by(change.change);
  network.set_default(path_.conditions());
  for (auto& [ends, path] : between_) {
    path = path.changed_by(change.change);
    network.set_between_groups(ends.first, ends.second, path.conditions());
  }
}

std::size_t Stage::group_index(sim::NodeIndex node) const {
  return static_cast<std::size_t>(&scenario_.group_of(node) - scenario_.groups.data());
}

// Whoever is still taking leave when it is to start again is stopped first.
bool Stage::start(sim::NodeIndex node) {
  const bool was_leaving = leaving_.erase(node) != 0;
  const bool started = world_.start(node) || (was_leaving && world_.crash(node, sim::Disk::keep) && world_.start(node));
  if (started)
    for (const std::string& line : scenario_.group_of(node).on_start) world_.command(node, line);
  return started;
}

std::size_t Stage::apply(const Deed& deed) {
  const auto each = [](const Nodes& nodes, auto&& act) {
    return static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), act));
  };
  sim::Network& network = world_.network();
  return std::visit(
      overloaded{
          [&](const StartNodes& start) { return each(start.nodes, [&](auto node) { return this->start(node); }); },
          [&](const CrashNodes& crash) {
            return each(crash.nodes, [&](auto node) { return world_.crash(node, crash.disk); });
          },
          [&](const LeaveNodes& leave) {
            return each(leave.nodes, [&](auto node) {
              const bool asked = world_.leave(node);
              if (asked) leaving_.insert(node);
              return asked;
            });
          },
          [&](const PauseNodes& pause) { return each(pause.nodes, [&](auto node) { return world_.pause(node); }); },
          [&](const ResumeNodes& resume) { return each(resume.nodes, [&](auto node) { return world_.resume(node); }); },
          [&](const Command& command) {
            return each(command.nodes, [&](auto node) { return world_.command(node, command.line); });
          },
          [&](const Partition& cut) {
            network.partition(cut.name, sim::NodeSet(cut.from), sim::NodeSet(cut.to), cut.one_way);
            return cut.from.size();
          },
          [&](const Heal& heal) -> std::size_t {
            if (!heal.name.empty()) return network.heal(heal.name) ? 1 : 0;
            network.heal_all();
            return 1;
          },
          [&](const Clog& clog) {
            network.clog(sim::NodeSet(clog.from), sim::NodeSet(clog.to), world_.now() + clog.length);
            return clog.from.size();
          },
          [&](const ChangeNetwork& change) -> std::size_t {
            change_network(change);
            return 1;
          },
          [&](const SetClock& clock) {
            for (const sim::NodeIndex node : clock.nodes) world_.set_clock(node, clock.offset, clock.drift_ppb);
            return clock.nodes.size();
          },
          [&](const Lie& lie) {
            for (const sim::NodeIndex node : lie.nodes) world_.set_lying(node, lie.probability);
            return lie.nodes.size();
          },
          [&](const ChangeStorage& change) {
            for (const sim::NodeIndex node : change.nodes) {
              const sim::DiskModel present = change.restore ? scenario_.group_of(node).storage : world_.disk(node);
              world_.set_disk(node, change.change.applied_to(present));
            }
            return change.nodes.size();
          }},
      deed);
}

std::vector<Action> group_starts(const Scenario& scenario) {
  std::vector<Action> starts;
  for (const Group& group : scenario.groups) {
    if (group.plan.start == StartMode::never) continue;
    StartNodes all;
    for (std::size_t i = 0; i < group.plan.count; ++i) {
      const auto node = group.plan.first + static_cast<sim::NodeIndex>(i);
      if (group.plan.start == StartMode::converged)
        all.nodes.push_back(node);
      else
        starts.push_back({group.joining.at + group.joining.spacing * static_cast<std::int64_t>(i), StartNodes{{node}}});
    }
    if (!all.nodes.empty()) starts.push_back({Duration::zero(), std::move(all)});
  }
  std::stable_sort(starts.begin(), starts.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  return starts;
}

}  // namespace peerbed::scenarios
