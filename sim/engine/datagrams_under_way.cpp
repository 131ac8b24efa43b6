#include "sim/engine/datagrams_under_way.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "host/damage.h"
#include "protocols/environment/contract.h"

namespace peerbed::sim {

PayloadPool::Handle DatagramsUnderWay::store_damaged(Bytes payload, const Transit::Copy& copy) {
  std::array<std::byte, maximum_datagram_size> damaged;
  std::copy(payload.begin(), payload.end(), damaged.begin());
  flip_bit(std::span(damaged).first(payload.size()), copy.corruption);
  return payloads_.store(std::span(damaged).first(payload.size()));
}

std::uint32_t DatagramsUnderWay::add(Bytes payload, const Transit::Copy& copy, bool has_downlink,
                                     const Envelope& envelope) {
  envelope_size_ = sizeof(Envelope);
  std::array<std::byte, sizeof(Envelope) + maximum_datagram_size> packed;
  std::memcpy(packed.data(), &envelope, sizeof envelope);
  std::copy(payload.begin(), payload.end(), packed.begin() + sizeof envelope);
  if (copy.corruption != 0) flip_bit(std::span(packed).subspan(sizeof envelope, payload.size()), copy.corruption);
  Transit::Copy undamaged = copy;
  undamaged.corruption = 0;
  return add(std::span(packed).first(sizeof envelope + payload.size()), undamaged, has_downlink);
}

Envelope DatagramsUnderWay::envelope(const Event& event) const noexcept {
  Envelope envelope;
  std::memcpy(&envelope, payloads_.view(event.value()).data(), sizeof envelope);
  return envelope;
}

std::uint32_t DatagramsUnderWay::send_to_link(PayloadPool::Handle payload, const Transit::Copy& copy) {
  const std::uint32_t slot = at_links_.take();
  at_links_[slot] = {payload, copy.link, copy.onward};
  return Event::pack(EventKind::datagram_at_link, slot);
}

DropCause DatagramsUnderWay::cross_link(Event& event, Network& network) {
  PEERBED_CONTRACT(event.kind() == EventKind::datagram_at_link, "a datagram crosses a link that it has reached");
  AtLink& datagram = at_links_[event.value()];
  const PayloadPool::Handle payload = datagram.payload;
  Time at{Duration(event.time)};
  const DropCause dropped = network.cross(datagram.link, event, view(payload).size(), at);
  event.time = nanoseconds_since_start(at);
  if (dropped == DropCause::none && datagram.link != no_link) return DropCause::none;
  at_links_.release(event.value());
  if (dropped != DropCause::none) {
    payloads_.release(payload);
    return dropped;
  }
  event.what = Event::pack(network.has_downlink(event.destination) ? EventKind::arrival : EventKind::datagram, payload);
  return DropCause::none;
}

DropCause DatagramsUnderWay::pass_down_link(Event& event, Network& network) {
  PEERBED_CONTRACT(event.kind() == EventKind::arrival, "a datagram passes the down-link that it has reached");
  const auto [dropped, through] = network.receive(event, view(event.value()).size());
  if (dropped != DropCause::none) {
    payloads_.release(event.value());
    return dropped;
  }
  event.time = nanoseconds_since_start(through);
  event.what = Event::pack(EventKind::datagram, event.value());
  return DropCause::none;
}

QueuedPacket DatagramsUnderWay::queued(const Event& event, const Network& network) const {
  const AtLink& datagram = at_links_[event.value()];
  QueuedPacket packet;
  packet.event = event;
  packet.size = static_cast<std::uint32_t>(view(datagram.payload).size() + network.datagram_overhead());
  packet.flow = (static_cast<std::uint64_t>(event.source) << 32) | event.destination;
  packet.onward = datagram.onward;
  return packet;
}

Event DatagramsUnderWay::leave_link(Event event, LinkIndex next, Time at, const Network& network) {
  AtLink& datagram = at_links_[event.value()];
  event.time = nanoseconds_since_start(at);
  const bool has_passed_downlink = is_downlink(datagram.link);
  datagram.link = next;
  datagram.onward = Duration::zero();
  if (next != no_link) return event;
  const PayloadPool::Handle payload = datagram.payload;
  at_links_.release(event.value());
  const bool is_at_downlink = !has_passed_downlink && network.has_downlink(event.destination);
  event.what = Event::pack(is_at_downlink ? EventKind::arrival : EventKind::datagram, payload);
  return event;
}

void DatagramsUnderWay::drop_at_link(const Event& event) {
  payloads_.release(at_links_[event.value()].payload);
  at_links_.release(event.value());
}

}  // namespace peerbed::sim
