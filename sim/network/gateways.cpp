#include "sim/network/gateways.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

namespace {

constexpr Dependence firewall_filter = Dependence::address_and_port_dependent;

Duration firewall_lifetime(Transport transport) noexcept {
  const NatBehaviour usual;
  return transport == Transport::udp ? usual.lifetime : usual.stream_lifetime;
}

}  // namespace

Gateways::NatNumber Gateways::add_nat(const NatBehaviour& behaviour, std::uint32_t first_address, NatNumber carrier) {
  PEERBED_CONTRACT(boxes_.size() < maximum_nats, "there are at most four million NATs");
  const auto number = static_cast<std::uint32_t>(boxes_.size());
  boxes_.push_back({Nat(behaviour, Address::ipv4(first_address + number, 0)), carrier});
  return number + 1;
}

void Gateways::put_behind_nats(NodeIndex first, std::size_t count, const NatPlan& plan) {
  PEERBED_CONTRACT(family_ == AddressFamily::ipv4, "only IPv4 addresses are translated");
  PEERBED_CONTRACT(plan.hosts > 0 && plan.subscribers > 0, "a NAT is there for somebody");
  is_empty_ = false;
  if (nat_of_host_.size() < first + count) nat_of_host_.resize(first + count);
  NatNumber nat = 0;
  NatNumber carrier = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t household = i / plan.hosts;
    if (i % plan.hosts == 0) {
      if (plan.carrier && household % plan.subscribers == 0) carrier = add_nat(*plan.carrier, first_public, 0);
      nat = add_nat(plan.behaviour, plan.carrier ? first_shared : first_public, carrier);
    }
    nat_of_host_[first + i] = nat;
  }
}

void Gateways::put_behind_firewall(NodeIndex first, std::size_t count) {
  is_empty_ = false;
  if (firewall_of_host_.size() < first + count) firewall_of_host_.resize(first + count);
  for (std::size_t i = 0; i < count; ++i) {
    firewalls_.emplace_back();
    firewall_of_host_[first + i] = static_cast<std::uint32_t>(firewalls_.size());
  }
}

Gateways::NatNumber Gateways::nat_at(Address address) const noexcept {
  if (address.family() != AddressFamily::ipv4) return 0;
  for (const std::uint32_t first : {first_public, first_shared}) {
    const std::uint32_t number = address.host() - first;
    if (number < boxes_.size() && boxes_[number].nat.is_at(address)) return number + 1;
  }
  return 0;
}

std::optional<Gateways::Route> Gateways::leave(Transport transport, NodeIndex source, Address to, Time now) {
  Address from = own_address(source);
  if (const std::uint32_t firewall = firewall_of(source))
    firewalls_[firewall - 1].note(to, firewall_filter, now + firewall_lifetime(transport), now);
  // Outwards, until the network in which the destination's address lies.
  const NatNumber realm = realm_of(to);
  for (NatNumber nat = nat_of(source); nat != realm; nat = boxes_[nat - 1].carrier) {
    if (nat == 0) return std::nullopt;
    Box& box = boxes_[nat - 1];
    const auto seen = box.nat.translate_out(transport, from, to, now);
    if (!seen || (box.nat.is_at(to) && !box.nat.behaviour().hairpin)) return std::nullopt;
    from = *seen;
  }
  // And inwards.
  Address at = to;
  for (NatNumber nat = nat_at(at); nat != 0; nat = nat_at(at)) {
    const auto inside = boxes_[nat - 1].nat.owner(transport, at.port(), now);
    if (!inside) return std::nullopt;
    at = *inside;
  }
  return Route{node_at(at), from};
}

bool Gateways::admits(Transport transport, NodeIndex destination, Address from, Address to, Time now) const {
  Address at = to;
  for (NatNumber nat = nat_at(at); nat != 0; nat = nat_at(at)) {
    const auto inside = boxes_[nat - 1].nat.translate_in(transport, at.port(), from, now);
    if (!inside) return false;
    at = *inside;
  }
  if (node_at(at) != destination) return false;  // the port has gone to another host meanwhile
  const std::uint32_t firewall = firewall_of(destination);
  return firewall == 0 || from == own_address(destination) || firewalls_[firewall - 1].has(from, firewall_filter, now);
}

bool Gateways::is_open(NodeIndex node, Time now) const {
  if (firewall_of(node) != 0) return false;
  Address at = own_address(node);
  for (NatNumber nat = nat_of(node); nat != 0; nat = boxes_[nat - 1].carrier) {
    const auto port = boxes_[nat - 1].nat.open_port(Transport::udp, at, now);
    if (!port) return false;
    at = boxes_[nat - 1].nat.outside().with_port(*port);
  }
  return true;
}

Duration Gateways::stream_lifetime(NodeIndex node) const {
  Duration shortest = firewall_of(node) == 0 ? Duration::max() : firewall_lifetime(Transport::tcp);
  for (NatNumber nat = nat_of(node); nat != 0; nat = boxes_[nat - 1].carrier)
    shortest = std::min(shortest, boxes_[nat - 1].nat.behaviour().stream_lifetime);
  return shortest;
}

}  // namespace peerbed::sim
