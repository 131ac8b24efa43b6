#include "sim/network/network.h"

#include <algorithm>
#include <bit>
#include <span>

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"

namespace peerbed::sim {

namespace {

// The draws that a datagram may need, each with its own key, so that none depends on whether another is made.
enum class Draw : std::uint64_t { loss, latency, duplicate, duplicate_latency, reorder, corrupt, corrupt_bit, uplink };
// The same for a burst, with keys of their own.
enum class BurstDraw : std::uint64_t { loss = 64, latency, duplicate, duplicate_latency, reorder, corrupt, uplink };
// And for what happens on a link, to either.
constexpr std::uint64_t link_purpose = 128;

void delay(Passage& passage, Duration time) noexcept {
  passage.first += time;
  passage.last += time;
}

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
  ++changes_;
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
  ++changes_;
  const PathConditions& path = conditions_[0];
  const bool is_plain = conditions_.size() == 1 && links_.empty() && backbone_.empty() && cuts_.empty() &&
                        clogs_.empty() && deeds_.empty() && path.loss.is_lossless() && path.duplicate == 0 &&
                        path.reorder == 0 && path.corrupt == 0;
  plain_latency_ = is_plain ? path.latency.fixed() : Duration::zero();
}

void Network::set_between_groups(GroupIndex from, GroupIndex to, const PathConditions& conditions) {
  PEERBED_CONTRACT(from < group_count_ && to < group_count_, "a group of the network has hosts");
  std::uint32_t& index = between_groups_[from * group_count_ + to];
  if (index == 0)
    index = static_cast<std::uint32_t>(add_conditions(conditions));
  else
    conditions_[index] = conditions;
  ++changes_;
}

void Network::set_between_hosts(NodeIndex from, NodeIndex to, const PathConditions& conditions) {
  const auto [entry, is_new] = between_hosts_.try_emplace(HostPair{from, to}, 0);
  if (is_new)
    entry->second = static_cast<std::uint32_t>(add_conditions(conditions));
  else
    conditions_[entry->second] = conditions;
  ++changes_;
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

void Network::set_uplink(NodeIndex node, const LinkLimit& limit) {
  links(node).up.set(limit);
  manage(uplink_of(node), limit);
}

void Network::set_downlink(NodeIndex node, const LinkLimit& limit) {
  links(node).down.set(limit);
  manage(downlink_of(node), limit);
}

void Network::set_backbone(Backbone backbone) {
  backbone_ = std::move(backbone);
  for (LinkIndex link = 0; link < backbone_.links().size(); ++link) manage(link, backbone_.links()[link].limit);
  note_change();
}

void Network::manage(LinkIndex link, const LinkLimit& limit) {
  if (!limit.is_managed()) return;
  PEERBED_CONTRACT(limit.is_limited(), "a queue is in front of a link with a rate");
  managed_.set(link, limit);
  has_managed_ = true;
}

void Network::set_backbone_limit(LinkIndex link, const LinkLimit& limit) {
  backbone_.set_limit(link, limit);
  manage(link, limit);
  note_change();
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

// ---------------------------------------------------------------------------------------------------------------------
// What an observer of links is told

const Link& Network::link_at(const LinkName& name) const {
  static const Link unlimited;
  if (name.place == LinkPlace::backbone) return backbone_.link(name.index);
  if (links_.empty()) return unlimited;
  return name.place == LinkPlace::uplink ? links_[name.index].up : links_[name.index].down;
}

void Network::show_arrival(const LinkName& name, Time at, std::uint64_t wire_size, bool fits) const {
  show_arrival(name, LinkArrival{at, at, 1, fits ? 0u : 1u, fits ? wire_size : 0});
}

void Network::show_arrival(const LinkName& name, const Passage& arrived, std::uint32_t packets, std::uint64_t wire_size,
                           std::uint32_t dropped) const {
  const auto coming = packets - static_cast<std::uint32_t>(std::popcount(arrived.lost));
  const std::uint64_t bytes = wire_size * (coming - dropped) / packets;
  show_arrival(name, LinkArrival{arrived.first, arrived.last, coming, dropped, bytes});
}

void Network::show_path_drop(NodeIndex source, Time sent, DropCause cause, std::uint32_t packets) const {
  if (cause == DropCause::loss) link_observer_->on_path_drop(source, sent, PathDrop::loss, packets);
  if (cause == DropCause::partition) link_observer_->on_path_drop(source, sent, PathDrop::partition, packets);
}

// ---------------------------------------------------------------------------------------------------------------------
// Datagrams

bool Network::is_lost(const PathConditions& path, const Datagram& datagram, std::uint64_t key) {
  KeyedStream draws(key);
  if (path.loss.has_memory()) return path.loss.lost(bursts_[HostPair{datagram.source, datagram.destination}], draws);
  LossState no_memory;
  return path.loss.lost(no_memory, draws);
}

MessageDeeds::Fate Network::take_deeds(const Datagram& datagram) {
  const MessageDeeds::Fate fate = deeds_.take(datagram.source, datagram.destination, datagram.kind);
  if (deeds_.empty()) note_change();
  return fate;
}

Transit Network::decide(const Datagram& datagram) {
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
  const auto dropped = [&](DropCause cause) {
    if (link_observer_.is_there()) show_path_drop(source, sent, cause, 1);
    Transit none;
    none.dropped = cause;
    return none;
  };
  const MessageDeeds::Fate fate = deeds_.empty() ? MessageDeeds::Fate() : take_deeds(datagram);
  const std::size_t wire_size = datagram.size + datagram_overhead();
  if (!links_.empty() && !links_[source].up.is_managed()) {
    const bool fits = links_[source].up.take(wire_size, departure);
    if (link_observer_.is_there()) show_arrival({LinkPlace::uplink, source}, sent, wire_size, fits);
    if (!fits) return dropped(DropCause::queue);
  }
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
  if (fate.lost) return dropped(DropCause::loss);
  if (!links_.empty() && links_[source].up.has_chance() && !links_[source].up.is_managed() &&
      links_[source].up.is_lost(KeyedStream(draw(Draw::uplink)), departure))
    return dropped(DropCause::loss);
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
  if (fate.later != Duration::zero())
    transit.copy[0].arrival = std::max(transit.copy[0].arrival + fate.later, sent + Duration{1});
  if (fate.doubled) {
    transit.copies = 2;
    transit.copy[1] = transit.copy[0];
    transit.copy[1].arrival = std::max(transit.copy[0].arrival + fate.copy_later, sent + Duration{1});
  }
  if (!backbone_.empty()) {
    const Backbone::Leg leg = first_leg(source, destination);
    for (Transit::Copy& copy : std::span(transit.copy).first(transit.copies)) {
      copy.link = leg.link;
      copy.arrival = std::max(copy.arrival - leg.ahead, sent + Duration{1});
    }
  }
  if (has_managed_)
    for (Transit::Copy& copy : std::span(transit.copy).first(transit.copies)) {
      if (copy.link == no_link) copy.link = last_link(destination);
      if (links_.empty() || !links_[source].up.is_managed()) continue;
      copy.onward = copy.arrival - sent;
      copy.arrival = sent + Duration{1};
      copy.link = uplink_of(source);
    }
  return transit;
}

KeyedStream Network::chance(LinkIndex link, const Event& event) const {
  return KeyedStream(key_of(seed_, link_purpose, link,
                            (static_cast<std::uint64_t>(event.source) << 32) | event.destination, event.time,
                            event.sequence));
}

DropCause Network::cross(LinkIndex& link, const Event& event, std::size_t size, Time& at) {
  const Time arrived = at;
  const bool fits = backbone_.take(link, size + datagram_overhead(), at);
  if (link_observer_.is_there()) show_arrival({LinkPlace::backbone, link}, arrived, size + datagram_overhead(), fits);
  if (!fits) return DropCause::queue;
  if (is_shown_lost(link, arrived, backbone_.is_lost(link, chance(link, event), at))) return DropCause::loss;
  const Backbone::Leg leg = backbone_.leg_behind(link, locations_[event.destination].site);
  at += leg.time;
  link = leg.link != no_link ? leg.link : last_link(event.destination);
  return DropCause::none;
}

std::pair<DropCause, Time> Network::receive(const Event& event, std::size_t size) {
  const NodeIndex node = event.destination;
  Link& down = links_[node].down;
  const Time arrived{Duration(event.time)};
  Time at = arrived;
  const bool fits = down.take(size + datagram_overhead(), at);
  if (link_observer_.is_there()) show_arrival({LinkPlace::downlink, node}, arrived, size + datagram_overhead(), fits);
  if (!fits) return {DropCause::queue, at};
  const LinkIndex link = downlink_of(node);
  const bool is_lost = down.has_chance() && is_shown_lost(link, arrived, down.is_lost(chance(link, event), at));
  return {is_lost ? DropCause::loss : DropCause::none, at};
}

// ---------------------------------------------------------------------------------------------------------------------
// Bursts, over the same paths and links

// Gives each packet a latency of its own, without overtaking.
void Network::scatter(const LatencyModel& latency, const Burst& burst, std::uint64_t key, Passage& passage) const {
  const SiteIndex from = locations_[burst.source].site;
  const SiteIndex to = locations_[burst.destination].site;
  const Duration spread = passage.last - passage.first;
  KeyedStream draws(key);
  const Time departed = passage.first;
  passage.first = passage.last = departed + latency.sample(from, to, draws);
  for (std::uint32_t packet = 1; packet < burst.packets; ++packet) {
    const Duration behind = spread * packet / (burst.packets - 1);
    passage.last = std::max(passage.last, departed + behind + latency.sample(from, to, draws));
  }
  passage.stretch = std::max(passage.last - passage.first - spread, Duration::zero());
}

// Moves the passages back to the first link: earlier by the time from there to the end.
void Network::enter_backbone(const Burst& burst, BurstTransit& transit) const {
  const Backbone::Leg leg = first_leg(burst.source, burst.destination);
  transit.link = leg.link;
  for (Passage& copy : std::span(transit.copy).first(transit.copies))
    delay(copy, -std::min(leg.ahead, copy.first - burst.sent - Duration{1}));
}

BurstTransit Network::send(const Burst& burst) {
  const NodeIndex source = burst.source;
  const NodeIndex destination = burst.destination;
  BurstTransit transit;
  transit.copies = 1;
  Passage& passage = transit.copy[0];
  passage.first = passage.last = burst.sent;
  if (source == destination) {
    passage.first = passage.last = burst.sent + loopback_latency;
    return transit;
  }
  const auto pass = [&passage](Duration time) { delay(passage, time); };
  if (const Duration plain = plain_latency(); plain != Duration::zero()) {
    pass(plain);
    return transit;
  }
  const std::uint64_t all = all_packets(burst.packets);
  const auto drop = [&](DropCause cause) {
    if (link_observer_.is_there())
      show_path_drop(source, burst.sent, cause,
                     cause == DropCause::loss ? transit.lost : burst.packets - transit.overflowed);
    transit.dropped = cause;
    transit.copies = 0;
    return transit;
  };
  if (!links_.empty() && !links_[source].up.is_managed()) {
    transit.overflowed = links_[source].up.take(burst.packets, burst.wire_size, passage);
    if (link_observer_.is_there())
      show_arrival({LinkPlace::uplink, source}, {burst.sent, burst.sent}, burst.packets, burst.wire_size,
                   transit.overflowed);
    if (passage.lost == all) return drop(DropCause::queue);
  }
  if (!cuts_.empty() && is_cut(source, destination)) return drop(DropCause::partition);
  for (const Clog& clog : clogs_)
    if (clog.from.contains(source) && clog.to.contains(destination))
      pass(std::max(clog.until - passage.first, Duration::zero()));

  const PathConditions& path = conditions(source, destination);
  const auto draw = [&](BurstDraw purpose) {
    return key_of(seed_, (static_cast<std::uint64_t>(source) << 32) | destination, nanoseconds_since_start(burst.sent),
                  burst.name, purpose);
  };
  const auto latency = [&](BurstDraw purpose) {
    if (const Duration fixed = path.latency.fixed(); fixed != Duration::zero()) return fixed;
    KeyedStream draws(draw(purpose));
    return path.latency.sample(locations_[source].site, locations_[destination].site, draws);
  };
  if (!path.loss.is_lossless()) {
    KeyedStream draws(draw(BurstDraw::loss));
    LossState no_memory;
    LossState& memory = path.loss.has_memory() ? bursts_[HostPair{source, destination}] : no_memory;
    for (std::uint64_t bit = 1, i = 0; i < burst.packets; ++i, bit <<= 1) {
      if (!path.loss.lost(memory, draws) || (passage.lost & bit) != 0) continue;
      passage.lost |= bit;
      ++transit.lost;
    }
    if (passage.lost == all) return drop(DropCause::loss);
  }
  if (path.corrupt > 0) {
    KeyedStream draws(draw(BurstDraw::corrupt));
    for (std::uint64_t bit = 1, i = 0; i < burst.packets; ++i, bit <<= 1) {
      if (draws.unit() >= path.corrupt || (passage.lost & bit) != 0) continue;
      const bool is_caught = draws.unit() >= burst.undetected;
      (is_caught ? passage.lost : passage.damaged) |= bit;
      transit.lost += is_caught ? 1 : 0;
    }
    if (passage.lost == all) return drop(DropCause::loss);
  }
  if (!links_.empty() && links_[source].up.has_chance() && !links_[source].up.is_managed()) {
    transit.lost += links_[source].up.lose(KeyedStream(draw(BurstDraw::uplink)), burst.packets, passage);
    if (passage.lost == all) return drop(DropCause::loss);
  }
  if (link_observer_.is_there() && transit.lost > 0) show_path_drop(source, burst.sent, DropCause::loss, transit.lost);
  const Passage departed = passage;
  if (path.latency.is_random())
    scatter(path.latency, burst, draw(BurstDraw::latency), passage);
  else
    pass(latency(BurstDraw::latency));
  if (path.reorder > 0 && to_unit(draw(BurstDraw::reorder)) < path.reorder) {
    transit.reordered = true;
    pass(path.reorder_delay);
  }
  if (path.duplicate > 0 && to_unit(draw(BurstDraw::duplicate)) < path.duplicate) {
    transit.copies = 2;
    transit.copy[1] = departed;
    delay(transit.copy[1], latency(BurstDraw::duplicate_latency));
  }
  if (!backbone_.empty()) enter_backbone(burst, transit);
  if (!has_managed_) return transit;
  if (transit.link == no_link) transit.link = last_link(destination);
  if (!links_.empty() && links_[source].up.is_managed()) transit.link = uplink_of(source);
  return transit;
}

Network::Losses Network::cross(LinkIndex& link, const Event& event, std::uint32_t packets, std::uint64_t wire_size,
                               Passage& passage) {
  const Passage arrived = passage;
  Losses losses{backbone_.take(link, packets, wire_size, passage)};
  if (link_observer_.is_there())
    show_arrival({LinkPlace::backbone, link}, arrived, packets, wire_size, losses.overflowed);
  losses.lost = backbone_.lose(link, chance(link, event), packets, passage);
  is_shown_lost(link, arrived.first, losses.lost);
  const Backbone::Leg leg = backbone_.leg_behind(link, locations_[event.destination].site);
  delay(passage, leg.time);
  link = leg.link != no_link ? leg.link : last_link(event.destination);
  return losses;
}

Network::Losses Network::receive(const Event& event, std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  Link& down = links_[event.destination].down;
  const Passage arrived = passage;
  Losses losses{down.take(packets, wire_size, passage)};
  if (link_observer_.is_there())
    show_arrival({LinkPlace::downlink, event.destination}, arrived, packets, wire_size, losses.overflowed);
  if (down.has_chance()) losses.lost = down.lose(chance(downlink_of(event.destination), event), packets, passage);
  is_shown_lost(downlink_of(event.destination), arrived.first, losses.lost);
  return losses;
}

// ---------------------------------------------------------------------------------------------------------------------
// Managed links

void Network::count(const ManagedLinks::Turn& turn, std::uint32_t packets, std::size_t dropped, Time now) {
  if (link_observer_.is_there())
    link_observer_->on_turn(name_of(turn.link), managed_.limit(turn.link), managed_.shown(turn, packets, dropped, now));
  if (is_host_link(turn.link)) return;
  LinkUse& use = backbone_.use(turn.link);
  use.packets += packets;
  use.dropped += dropped;
  if (!turn.served) return;
  use.bytes += turn.served->packet.size;
  use.longest_wait = std::max(use.longest_wait, now - turn.served->packet.queued);
}

ManagedLinks::Turn Network::offer(LinkIndex link, const QueuedPacket& packet, Time now,
                                  std::vector<QueuedPacket>& dropped) {
  const std::size_t before = dropped.size();
  ManagedLinks::Turn turn = managed_.offer(link, packet, now, dropped);
  count(turn, 1, dropped.size() - before, now);
  return turn;
}

ManagedLinks::Turn Network::take_turn(const Event& turn, std::vector<QueuedPacket>& dropped) {
  const std::size_t before = dropped.size();
  ManagedLinks::Turn taken = managed_.take_turn(turn, dropped);
  count(taken, 0, dropped.size() - before, Time(Duration(turn.time)));
  return taken;
}

bool Network::leave(LinkIndex& link, const QueuedPacket& packet, Time now, Time& at) {
  const NodeIndex destination = packet.event.destination;
  if (!is_host_link(link)) {
    if (is_shown_lost(link, now, backbone_.is_lost(link, chance(link, packet.event), at))) return false;
    const Backbone::Leg leg = backbone_.leg_behind(link, locations_[destination].site);
    at += leg.time;
    link = leg.link != no_link ? leg.link : last_link(destination);
    return true;
  }
  Link& wire = host_link(link);
  if (wire.has_chance() && is_shown_lost(link, now, wire.is_lost(chance(link, packet.event), at))) return false;
  at += packet.onward;
  const bool is_last = is_downlink(link);
  link = is_last || backbone_.empty() ? no_link : first_leg(packet.event.source, destination).link;
  if (link == no_link && !is_last) link = last_link(destination);
  return true;
}

}  // namespace peerbed::sim
