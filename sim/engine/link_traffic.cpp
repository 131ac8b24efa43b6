#include "sim/engine/link_traffic.h"

namespace peerbed::sim {
namespace {

void drop(LinkTraffic::Context& context, const QueuedPacket& packet, DropCause cause) {
  const bool by_chance = cause == DropCause::loss;
  if (packet.event.kind() != EventKind::datagram_at_link) return context.streams.drop_at_link(packet.event, by_chance);
  ++(by_chance ? context.counters.dropped_loss : context.counters.dropped_queue);
  context.datagrams.drop_at_link(packet.event);
}

}  // namespace

void LinkTraffic::move_datagram(Context context, Event event) {
  Network& network = context.stream.network;
  if (network.has_managed() && event.kind() == EventKind::datagram_at_link)
    if (const LinkIndex link = context.datagrams.link(event); network.is_managed(link))
      return follow(context,
                    network.offer(link, context.datagrams.queued(event, network), context.stream.now, dropped_));
  const DropCause dropped = event.kind() == EventKind::arrival ? context.datagrams.pass_down_link(event, network)
                                                               : context.datagrams.cross_link(event, network);
  if (dropped == DropCause::none) return context.stream.queue.push(event);
  ++(dropped == DropCause::loss ? context.counters.dropped_loss : context.counters.dropped_queue);
}

bool LinkTraffic::takes_segment(Context context, const Event& event) {
  Network& network = context.stream.network;
  const LinkIndex link = context.streams.link(event);
  if (!network.is_managed(link)) return false;
  follow(context, network.offer(link, context.streams.queued(event), context.stream.now, dropped_));
  return true;
}

void LinkTraffic::take_turn(Context context, const Event& event) {
  follow(context, context.stream.network.take_turn(event, dropped_));
}

// Sends on what the link has served, and releases what it has dropped.
void LinkTraffic::follow(Context& context, const ManagedLinks::Turn& turn) {
  for (const QueuedPacket& packet : dropped_) drop(context, packet, DropCause::queue);
  dropped_.clear();
  Network& network = context.stream.network;
  if (turn.next) context.stream.queue.push(network.managed().turn_of(turn.link, *turn.next));
  if (!turn.served) return;
  const QueuedPacket& packet = turn.served->packet;
  Time at = turn.served->through;
  LinkIndex next = turn.link;
  if (!network.leave(next, packet, context.stream.now, at)) return drop(context, packet, DropCause::loss);
  if (packet.event.kind() == EventKind::datagram_at_link)
    return context.stream.queue.push(context.datagrams.leave_link(packet.event, next, at, network));
  context.streams.leave_link(context.stream, packet, next, at);
}

}  // namespace peerbed::sim
