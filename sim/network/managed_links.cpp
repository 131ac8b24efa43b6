#include "sim/network/managed_links.h"

#include "protocols/environment/contract.h"
#include "protocols/environment/random.h"

namespace peerbed::sim {

namespace {

constexpr std::uint64_t usual_packet = 1500;  // bytes

}  // namespace

void ManagedLinks::set(LinkIndex link, const LinkLimit& limit) {
  const auto [number, is_new] = numbers_.try_emplace(link, static_cast<std::uint32_t>(links_.size()));
  if (is_new)
    links_.push_back({.index = link,
                      .wire = {},
                      .queue = ManagedQueue(limit.traits->discipline, limit.queue_bytes, key_of(key_, link)),
                      .free_at = {}});
  links_[number->second].wire.set(limit);
}

ManagedLinks::Turn ManagedLinks::offer(LinkIndex link, const QueuedPacket& packet, Time now,
                                       std::vector<QueuedPacket>& dropped) {
  Entry& entry = entry_of(link);
  const Duration of_packet = entry.wire.sent_by(now, usual_packet) - now;
  entry.queue.put(packet, now, of_packet, dropped);
  if (entry.awaits_turn) return {link, {}, {}};
  return serve(entry, now, dropped);
}

ManagedLinks::Turn ManagedLinks::take_turn(const Event& turn, std::vector<QueuedPacket>& dropped) {
  Entry& entry = links_[turn.value()];
  PEERBED_CONTRACT(entry.awaits_turn, "a link has turns while it sends");
  entry.awaits_turn = false;
  return serve(entry, Time(Duration(turn.time)), dropped);
}

QueueTurn ManagedLinks::shown(const Turn& turn, std::uint32_t packets, std::size_t dropped, Time now) const {
  const Entry& entry = entry_of(turn.link);
  return {.now = now,
          .free_at = entry.free_at,
          .level = entry.queue.bytes() + entry.on_wire,
          .packets = packets,
          .dropped = static_cast<std::uint32_t>(dropped),
          .sent = turn.served ? turn.served->packet.size : 0};
}

// Links are told apart, and from hosts, by their source.
Event ManagedLinks::turn_of(LinkIndex link, Time at) const {
  return {.time = nanoseconds_since_start(at),
          .destination = 0,
          .source = is_host_link(link) ? link : link | link_of_host >> 1,
          .sequence = 0,
          .what = Event::pack(EventKind::link_turn, numbers_.at(link))};
}

// The wire is free. While it sends a packet, the next turn is pending, whether or not another packet waits.
ManagedLinks::Turn ManagedLinks::serve(Entry& entry, Time now, std::vector<QueuedPacket>& dropped) {
  const auto packet = entry.queue.take(now, dropped);
  entry.on_wire = packet ? packet->size : 0;
  if (!packet) return {entry.index, {}, {}};
  const Time through = entry.wire.sent_by(now, packet->size);
  entry.free_at = through;
  entry.awaits_turn = true;
  return {entry.index, Served{*packet, through}, through};
}

std::size_t ManagedLinks::memory() const noexcept {
  std::size_t memory = links_.size() * sizeof(Entry);
  for (const Entry& entry : links_) memory += entry.queue.memory();
  return memory;
}

}  // namespace peerbed::sim
