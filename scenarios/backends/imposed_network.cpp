#include "scenarios/backends/imposed_network.h"

#include <algorithm>

#include "protocols/environment/random.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t stream_purpose = 0x57EA;  // tells these draws from all others of the seed

// A network of the scenario's hosts, not yet set up.
sim::Network network_of(const Scenario& scenario) {
  sim::Network network(scenario.seed, scenario.network.family);
  network.add_hosts(scenario.node_count());
  return network;
}

// Of bits a second on a link, the bytes of payload that TCP makes of them in packets of 1500 bytes.
std::uint64_t payload_rate(sim::Rate rate) {
  if (rate == sim::Rate{}) rate.bits_per_second = sim::RateSchedule::highest_rate;
  return std::max<std::uint64_t>(1, rate.bits_per_second / 8 * 1460 / 1500);
}

}  // namespace

ImposedNetwork::ImposedNetwork(const Scenario& scenario, std::vector<NodeIndex> nodes, RateKeeper rates)
    : scenario_(scenario),
      placement_(scenario),
      nodes_(std::move(nodes)),
      rates_(rates),
      first_(scenario.groups.front().plan.address),
      network_(network_of(scenario)),
      network_setup_(scenario, network_) {
  if (rates_ != RateKeeper::kernel) return;
  for (NodeIndex node = 0; node < scenario.node_count(); ++node) network_.set_uplink(node, {});
}

adapter::Departures ImposedNetwork::departures(NodeIndex from, Address to, std::size_t size, Time now) {
  adapter::Departures departures;
  const NodeIndex source = nodes_[from];
  const NodeIndex destination = node_at(to);
  if (destination >= scenario_.node_count()) return {1, {}};
  const sim::Transit transit = network_.send({source, destination, size, now, ordinal_++});
  fates_.lost += transit.dropped == sim::DropCause::loss ? 1 : 0;
  fates_.dropped_queue += transit.dropped == sim::DropCause::queue ? 1 : 0;
  fates_.dropped_partition += transit.dropped == sim::DropCause::partition ? 1 : 0;
  fates_.reordered += transit.reordered ? 1 : 0;
  fates_.duplicated += transit.copies > 1 ? 1 : 0;
  departures.count = transit.copies;
  for (std::size_t i = 0; i < transit.copies; ++i) {
    fates_.corrupted += transit.copy[i].corruption != 0 ? 1 : 0;
    departures.copy[i] = {transit.copy[i].arrival - now, transit.copy[i].corruption};
  }
  return departures;
}

adapter::StreamPath ImposedNetwork::path(NodeIndex from, Address to, Time) {
  adapter::StreamPath path;
  const NodeIndex source = nodes_[from];
  const NodeIndex destination = node_at(to);
  if (destination >= scenario_.node_count() || destination == source) return path;
  KeyedStream draws(
      key_of(scenario_.seed, stream_purpose, (static_cast<std::uint64_t>(source) << 32) | destination, streams_++));
  path.delay = network_.latency(source, destination, draws);
  if (rates_ == RateKeeper::kernel) return path;
  path.upload = pace(uploads_, source, placement_.uplink(source));
  path.download = pace(downloads_, source, placement_.downlink(source));
  return path;
}

// All streams of a node share its link.
adapter::Pace* ImposedNetwork::pace(std::map<NodeIndex, adapter::Pace>& paces, NodeIndex node,
                                    const sim::LinkLimit& limit) const {
  if (!limit.is_limited() && !rated_.contains(node)) return nullptr;
  return &paces.try_emplace(node, payload_rate(limit.rate)).first->second;
}

void ImposedNetwork::foresee(std::span<const ScheduledAction> actions) {
  if (rates_ == RateKeeper::kernel) return;
  network_setup_.foresee(actions);
  for (const ScheduledAction& scheduled : actions)
    if (const auto* change = std::get_if<ChangeRate>(&scheduled.action))
      rated_.insert(change->nodes.begin(), change->nodes.end());
}

std::size_t ImposedNetwork::apply(const Action& action, Time now) {
  if (const auto* change = std::get_if<ChangeRate>(&action); change != nullptr && rates_ == RateKeeper::host)
    for (const NodeIndex node : change->nodes) change_pace(*change, node);
  return network_setup_.apply(action, now);
}

void ImposedNetwork::change_pace(const ChangeRate& change, NodeIndex node) {
  if (std::find(nodes_.begin(), nodes_.end(), node) == nodes_.end()) return;
  const auto change_one = [&](std::map<NodeIndex, adapter::Pace>& paces, const sim::LinkLimit& usual) {
    const sim::Rate rate = change.rate.value_or(usual.rate);
    paces.try_emplace(node, payload_rate(rate)).first->second.set_rate(payload_rate(rate));
  };
  if (change.uplink) change_one(uploads_, placement_.uplink(node));
  if (change.downlink) change_one(downloads_, placement_.downlink(node));
}

namespace {

bool has_chance(const PathChange& path) {
  return (path.loss && !path.loss->is_lossless()) || path.duplicate.value_or(0) > 0 || path.reorder.value_or(0) > 0 ||
         path.corrupt.value_or(0) > 0;
}

bool has_chance(const Scenario& scenario) {
  const NetworkPlan& plan = scenario.network;
  return has_chance(plan.path) ||
         std::any_of(plan.between.begin(), plan.between.end(),
                     [](const auto& each) { return has_chance(each.change); }) ||
         std::any_of(plan.pairs.begin(), plan.pairs.end(), [](const auto& each) { return has_chance(each.change); }) ||
         std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const Fault& fault) {
           const auto* change = std::get_if<ChangeNetwork>(&fault.action);
           return change != nullptr && has_chance(change->change);
         });
}

bool has_cuts(const Scenario& scenario) {
  return std::any_of(scenario.faults.begin(), scenario.faults.end(), [](const Fault& fault) {
    return std::holds_alternative<Partition>(fault.action) || std::holds_alternative<Clog>(fault.action);
  });
}

}  // namespace

std::vector<std::string> who_imposes_what(const Scenario& scenario, bool uses_streams, RateKeeper rates) {
  std::vector<std::string> sentences;
  sentences.push_back(uses_streams ? "latency: by the sending host, for each datagram, and once for each stream"
                                   : "latency: by the sending host, for each datagram");
  if (has_chance(scenario)) {
    sentences.emplace_back("loss, duplication, reordering, corruption: by the sending host, on datagrams");
    if (uses_streams) sentences.emplace_back("the same on streams: not imposed; the kernel loses nothing on loopback");
  }
  if (has_cuts(scenario)) sentences.emplace_back("partitions and clogs: by the sending host");
  const auto limited = [&](auto member) {
    return std::any_of(scenario.groups.begin(), scenario.groups.end(),
                       [&](const Group& group) { return (group.*member).has_value(); }) ||
           !scenario.network.site_links.empty();
  };
  if (rates == RateKeeper::kernel) {
    if (limited(&Group::uplink) || limited(&Group::downlink))
      sentences.emplace_back("rates of links: by the kernel (tbf), with their queues");
  } else {
    if (limited(&Group::uplink))
      sentences.emplace_back("rates of up-links: by the sending host, on datagrams and streams separately");
    if (limited(&Group::downlink))
      sentences.emplace_back("rates of down-links: by the receiving host, on streams; not imposed on datagrams");
  }
  if (std::any_of(scenario.faults.begin(), scenario.faults.end(),
                  [](const Fault& fault) { return std::holds_alternative<ChangeRate>(fault.action); }))
    sentences.emplace_back(
        rates == RateKeeper::kernel
            ? "changes of rates by faults: by the kernel, to a tenth of a second or more"
            : "changes of rates by faults: on datagrams sent and on streams; not on datagrams received");
  if (!scenario.network.cross_traffic.empty())
    sentences.emplace_back(
        rates == RateKeeper::kernel
            ? "cross traffic: its rate is taken from the links, as means of a tenth of a second or more"
            : "cross traffic: its rate is taken from the links of datagrams that are sent, only");
  const auto varies = [](const std::optional<sim::LinkLimit>& link) { return link && link->schedule != nullptr; };
  if (std::any_of(scenario.groups.begin(), scenario.groups.end(),
                  [&](const Group& group) { return varies(group.uplink) || varies(group.downlink); }))
    sentences.emplace_back(rates == RateKeeper::kernel
                               ? "rates that change over time: by the kernel, as means of tenths of a second or more"
                               : "rates that change over time: on datagrams; streams get the mean rate");
  if (uses_streams) sentences.emplace_back("congestion, segments and timeouts of streams: the kernel's own");
  return sentences;
}

}  // namespace peerbed::scenarios
