// Bursts of packets through the network: the same paths and links that datagrams take.

#include <algorithm>
#include <bit>

#include "protocols/environment/random.h"
#include "sim/network.h"

namespace peerbed::sim {

namespace {

// Apart from the draws of datagrams, each with a key of its own.
enum class Draw : std::uint64_t { loss = 64, latency, duplicate, duplicate_latency, reorder, corrupt };

}  // namespace

void Network::Link::set(const LinkLimit& changed) {
  limit = changed;
  const std::uint64_t rate = limit.rate.bits_per_second;
  __extension__ using Wide = unsigned __int128;
  constexpr Wide bits_nanoseconds = 8'000'000'000;  // ns a second, bits a byte
  time_per_byte = rate == 0 ? 0 : static_cast<std::uint64_t>((bits_nanoseconds << 32) / rate);
  queue_time = rate == 0 ? Duration{} : time_to_send(limit.queue_bytes);
}

// What was dropped before this link takes no room in it; the times are those of the whole burst all the same.
std::uint32_t Network::queue(Link& link, std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  if (link.limit.rate.bits_per_second == 0) return 0;
  const Time begin = std::max(passage.first, link.free_at);
  // The queue is fullest when the last packet is there; meanwhile the wire has taken some.
  const Duration room = passage.first + link.queue_time + (passage.last - passage.first) - begin;
  Duration sending = link.time_to_send(wire_size);
  const Duration one = packets == 1 ? sending : link.time_to_send((wire_size + packets - 1) / packets);
  std::uint32_t dropped = 0;
  if (passage.lost != 0 || sending > room) {
    std::uint32_t coming = packets - static_cast<std::uint32_t>(std::popcount(passage.lost));
    // An idle link takes one packet, however small its queue.
    const bool is_idle = begin == passage.first;
    auto fitting = static_cast<std::uint32_t>(std::clamp<std::int64_t>(room / one, is_idle ? 1 : 0, coming));
    dropped = coming - fitting;
    for (std::uint32_t i = packets; coming > fitting;) {
      const std::uint64_t bit = std::uint64_t{1} << --i;
      if ((passage.lost & bit) != 0) continue;
      passage.lost |= bit;
      --coming;
    }
    if (fitting == 0) return dropped;
    if (fitting < packets) sending = fitting * one;
  }
  link.free_at = begin + sending;
  passage.first = begin + std::min(one, sending);
  passage.last = std::max(link.free_at, passage.last + one);
  return dropped;
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
    transit.overflowed = queue(links_[source].up, burst.packets, burst.wire_size, passage);
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
    return path.latency.sample(places_[source].site, places_[destination].site, draws);
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
  return transit;
}

std::uint32_t Network::receive(NodeIndex node, std::uint32_t packets, std::uint64_t wire_size, Passage& passage) {
  return queue(links_[node].down, packets, wire_size, passage);
}

}  // namespace peerbed::sim
