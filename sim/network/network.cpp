#include "sim/network/network.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"

namespace peerbed::sim {

namespace {

// The draws that a datagram may need, each with its own key, so that none depends on whether another is made.
enum class Draw : std::uint64_t { loss, latency, duplicate, duplicate_latency, reorder, corrupt, corrupt_bit };

}  // namespace

void Network::set_group(NodeIndex node, GroupIndex group) {
  if (group >= group_count_) {
    const std::size_t grown = group + std::size_t{1};
    std::vector<std::uint32_t> between(grown * grown, 0);
    for (std::size_t from = 0; from < group_count_; ++from)
      for (std::size_t to = 0; to < group_count_; ++to)
        between[from * grown + to] = between_groups_[from * group_count_ + to];
    between_groups_ = std::move(between);
    group_count_ = grown;
  }
  locations_[node].group = group;
}

std::size_t Network::add_conditions(const PathConditions& conditions) {
  conditions_.push_back(conditions);
  note_change();
  return conditions_.size() - 1;
}

void Network::set_default(const PathConditions& conditions) {
  conditions_[0] = conditions;
  note_change();
}

// Every change to the network ends here.
void Network::note_change() {
  const PathConditions& path = conditions_[0];
  const bool is_plain = conditions_.size() == 1 && links_.empty() && backbone_.empty() && cuts_.empty() &&
                        clogs_.empty() && path.loss.is_lossless() && path.duplicate == 0 && path.reorder == 0 &&
                        path.corrupt == 0;
  plain_latency_ = is_plain ? path.latency.fixed() : Duration::zero();
}

void Network::set_between_groups(GroupIndex from, GroupIndex to, const PathConditions& conditions) {
  PEERBED_CONTRACT(from < group_count_ && to < group_count_, "a group of the network has hosts");
  std::uint32_t& index = between_groups_[from * group_count_ + to];
  if (index == 0)
    index = static_cast<std::uint32_t>(add_conditions(conditions));
  else
    conditions_[index] = conditions;
}

void Network::set_between_hosts(NodeIndex from, NodeIndex to, const PathConditions& conditions) {
  const auto [entry, is_new] = between_hosts_.try_emplace(HostPair{from, to}, 0);
  if (is_new)
    entry->second = static_cast<std::uint32_t>(add_conditions(conditions));
  else
    conditions_[entry->second] = conditions;
}

std::size_t Network::conditions_index(NodeIndex from, NodeIndex to) const {
  if (!between_hosts_.empty()) {
    const auto found = between_hosts_.find(HostPair{from, to});
    if (found != between_hosts_.end()) return found->second;
  }
  if (group_count_ == 1) return between_groups_[0];
  return between_groups_[locations_[from].group * group_count_ + locations_[to].group];
}

Network::Links& Network::links(NodeIndex node) {
  if (links_.size() < locations_.size()) links_.resize(locations_.size());
  note_change();
  return links_[node];
}

void Network::set_uplink(NodeIndex node, const LinkLimit& limit) { links(node).up.set(limit); }
void Network::set_downlink(NodeIndex node, const LinkLimit& limit) { links(node).down.set(limit); }

void Network::set_backbone(Backbone backbone) {
  backbone_ = std::move(backbone);
  note_change();
}

bool Network::cross(LinkIndex& link, NodeIndex destination, std::size_t size, Time& at) {
  if (!backbone_.take(link, size + datagram_overhead(), at)) return false;
  const Backbone::Leg leg = backbone_.leg_behind(link, locations_[destination].site);
  at += leg.time;
  link = leg.link;
  return true;
}

void Network::partition(std::string_view name, NodeSet from, NodeSet to, bool one_way) {
  cuts_.push_back({std::string(name), std::move(from), std::move(to), one_way});
  note_change();
}

bool Network::heal(std::string_view name) {
  const bool healed = std::erase_if(cuts_, [name](const Cut& cut) { return cut.name == name; }) > 0;
  note_change();
  return healed;
}

void Network::clog(NodeSet from, NodeSet to, Time until) {
  clogs_.push_back({std::move(from), std::move(to), until});
  note_change();
}

bool Network::is_cut(NodeIndex from, NodeIndex to) const noexcept {
  return std::any_of(cuts_.begin(), cuts_.end(), [from, to](const Cut& cut) {
    return (cut.from.contains(from) && cut.to.contains(to)) ||
           (!cut.one_way && cut.from.contains(to) && cut.to.contains(from));
  });
}

bool Network::is_lost(const PathConditions& path, const Datagram& datagram, std::uint64_t key) {
  KeyedStream draws(key);
  if (path.loss.has_memory()) return path.loss.lost(bursts_[HostPair{datagram.source, datagram.destination}], draws);
  LossState no_memory;
  return path.loss.lost(no_memory, draws);
}

Transit Network::send(const Datagram& datagram) {
  const NodeIndex source = datagram.source;
  const NodeIndex destination = datagram.destination;
  const Time sent = datagram.sent;
  Transit transit;
  Time departure = sent;
  if (source == destination) {
    transit.copies = 1;
    transit.copy[0] = {sent + loopback_latency};
    return transit;
  }
  const auto dropped = [](DropCause cause) {
    Transit none;
    none.dropped = cause;
    return none;
  };
  if (!links_.empty() && !links_[source].up.take(datagram.size + datagram_overhead(), departure))
    return dropped(DropCause::queue);
  if (!cuts_.empty() && is_cut(source, destination)) return dropped(DropCause::partition);
  for (const Clog& clog : clogs_)
    if (clog.from.contains(source) && clog.to.contains(destination)) departure = std::max(departure, clog.until);

  const PathConditions& path = conditions(source, destination);
  const auto draw = [&](Draw purpose) {
    return key_of(seed_, (static_cast<std::uint64_t>(source) << 32) | destination, nanoseconds_since_start(sent),
                  datagram.ordinal, purpose);
  };
  const auto happens = [&draw](Draw purpose, double probability) {
    return probability > 0 && to_unit(draw(purpose)) < probability;
  };
  const auto arrival = [&](Draw purpose) {
    if (const Duration fixed = path.latency.fixed(); fixed != Duration::zero()) return departure + fixed;
    KeyedStream draws(draw(purpose));
    return departure + path.latency.sample(locations_[source].site, locations_[destination].site, draws);
  };
  if (!path.loss.is_lossless() && is_lost(path, datagram, draw(Draw::loss))) return dropped(DropCause::loss);
  transit.copies = 1;
  transit.copy[0].arrival = arrival(Draw::latency);
  if (happens(Draw::reorder, path.reorder)) {
    transit.reordered = true;
    transit.copy[0].arrival += path.reorder_delay;
  }
  if (happens(Draw::corrupt, path.corrupt)) transit.copy[0].corruption = draw(Draw::corrupt_bit) | 1;
  if (happens(Draw::duplicate, path.duplicate)) {
    transit.copies = 2;
    transit.copy[1].arrival = arrival(Draw::duplicate_latency);
  }
  if (!backbone_.empty()) {
    const Backbone::Leg leg = first_leg(source, destination);
    for (std::size_t i = 0; i < transit.copies; ++i) {
      Transit::Copy& copy = transit.copy[i];
      copy.link = leg.link;
      copy.arrival = std::max(copy.arrival - leg.ahead, sent + Duration{1});
    }
  }
  return transit;
}

std::pair<DropCause, Time> Network::receive(NodeIndex node, std::size_t size, Time now) {
  if (!links_[node].down.take(size + datagram_overhead(), now)) return {DropCause::queue, now};
  return {DropCause::none, now};
}

}  // namespace peerbed::sim
