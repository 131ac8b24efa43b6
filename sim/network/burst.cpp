// Sends bursts of packets through the network, over the same paths and links as datagrams.

#include <algorithm>

#include "protocols/environment/random.h"
#include "sim/network/network.h"

namespace peerbed::sim {

namespace {

// Keys separate from those of datagrams, one per draw.
enum class Draw : std::uint64_t { loss = 64, latency, duplicate, duplicate_latency, reorder, corrupt };

}  // namespace

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
  for (std::size_t i = 0; i < transit.copies; ++i) {
    Passage& copy = transit.copy[i];
    const Duration earlier = std::min(leg.ahead, copy.first - burst.sent - Duration{1});
    copy.first -= earlier;
    copy.last -= earlier;
  }
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
  const auto pass = [&passage](Duration time) {
    passage.first += time;
    passage.last += time;
  };
  if (const Duration plain = plain_latency(); plain != Duration::zero()) {
    pass(plain);
    return transit;
  }
  const auto drop = [&transit](DropCause cause) {
    transit.dropped = cause;
    transit.copies = 0;
    return transit;
  };
  const std::uint64_t all = all_packets(burst.packets);
  if (!links_.empty()) {
    transit.overflowed = links_[source].up.take(burst.packets, burst.wire_size, passage);
    if (passage.lost == all) return drop(DropCause::queue);
  }
  if (!cuts_.empty() && is_cut(source, destination)) return drop(DropCause::partition);
  for (const Clog& clog : clogs_)
    if (clog.from.contains(source) && clog.to.contains(destination))
      pass(std::max(clog.until - passage.first, Duration::zero()));

  const PathConditions& path = conditions(source, destination);
  const auto draw = [&](Draw purpose) {
    return key_of(seed_, (static_cast<std::uint64_t>(source) << 32) | destination, nanoseconds_since_start(burst.sent),
                  burst.name, purpose);
  };
  const auto latency = [&](Draw purpose) {
    if (const Duration fixed = path.latency.fixed(); fixed != Duration::zero()) return fixed;
    KeyedStream draws(draw(purpose));
    return path.latency.sample(locations_[source].site, locations_[destination].site, draws);
  };
  if (!path.loss.is_lossless()) {
    KeyedStream draws(draw(Draw::loss));
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
    KeyedStream draws(draw(Draw::corrupt));
    for (std::uint64_t bit = 1, i = 0; i < burst.packets; ++i, bit <<= 1) {
      if (draws.unit() >= path.corrupt || (passage.lost & bit) != 0) continue;
      const bool is_caught = draws.unit() >= burst.undetected;
      (is_caught ? passage.lost : passage.damaged) |= bit;
      transit.lost += is_caught ? 1 : 0;
    }
    if (passage.lost == all) return drop(DropCause::loss);
  }
  const Passage departed = passage;
  if (path.latency.is_random())
    scatter(path.latency, burst, draw(Draw::latency), passage);
  else
    pass(latency(Draw::latency));
  if (path.reorder > 0 && to_unit(draw(Draw::reorder)) < path.reorder) {
    transit.reordered = true;
    pass(path.reorder_delay);
  }
  if (path.duplicate > 0 && to_unit(draw(Draw::duplicate)) < path.duplicate) {
    transit.copies = 2;
    transit.copy[1] = departed;
    const Duration time = latency(Draw::duplicate_latency);
    transit.copy[1].first += time;
    transit.copy[1].last += time;
  }
  if (!backbone_.empty()) enter_backbone(burst, transit);
  return transit;
}

std::uint32_t Network::receive(NodeIndex node, std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  return links_[node].down.take(packets, wire_size, passage);
}

std::uint32_t Network::cross(LinkIndex& link, NodeIndex destination, std::uint32_t packets, std::uint64_t wire_size,
                             Passage& passage) {
  const std::uint32_t dropped = backbone_.take(link, packets, wire_size, passage);
  const Backbone::Leg leg = backbone_.leg_behind(link, locations_[destination].site);
  passage.first += leg.time;
  passage.last += leg.time;
  link = leg.link;
  return dropped;
}

}  // namespace peerbed::sim
