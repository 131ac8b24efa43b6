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

std::uint32_t DatagramsUnderWay::send_to_link(PayloadPool::Handle payload, LinkIndex link) {
  const std::uint32_t slot = at_links_.take();
  at_links_[slot] = {payload, link};
  return Event::pack(EventKind::datagram_at_link, slot);
}

bool DatagramsUnderWay::cross_link(Event& event, Network& network) {
  PEERBED_CONTRACT(event.kind() == EventKind::datagram_at_link, "a datagram crosses a link that it has reached");
  AtLink& datagram = at_links_[event.value()];
  const PayloadPool::Handle payload = datagram.payload;
  Time at{Duration(event.time)};
  const bool taken = network.cross(datagram.link, event.destination, view(payload).size(), at);
  event.time = nanoseconds_since_start(at);
  if (taken && datagram.link != no_link) return true;
  at_links_.release(event.value());
  if (!taken) {
    payloads_.release(payload);
    return false;
  }
  event.what = Event::pack(network.has_downlink(event.destination) ? EventKind::arrival : EventKind::datagram, payload);
  return true;
}

bool DatagramsUnderWay::pass_down_link(Event& event, Network& network) {
  PEERBED_CONTRACT(event.kind() == EventKind::arrival, "a datagram passes the down-link that it has reached");
  const auto [dropped, through] =
      network.receive(event.destination, view(event.value()).size(), Time(Duration(event.time)));
  if (dropped != DropCause::none) {
    payloads_.release(event.value());
    return false;
  }
  event.time = nanoseconds_since_start(through);
  event.what = Event::pack(EventKind::datagram, event.value());
  return true;
}

}  // namespace peerbed::sim
