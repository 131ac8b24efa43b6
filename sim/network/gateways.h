#pragma once
// What stands between hosts and the network: translators (NATs), alone or behind those of a carrier, and firewalls. The
// world asks it where an address leads and whether what arrives is let in. A host behind a NAT keeps its address, but
// outside nothing leads there: its packets come from an address of the NAT. Without gateways, each host is where its
// address says.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/nat.h"

namespace peerbed::sim {

// NATs of hosts, and optionally those of a carrier in front of them (RFC 6598).
struct NatPlan {
  NatBehaviour behaviour;
  std::size_t hosts = 1;  // behind each NAT
  std::optional<NatBehaviour> carrier;
  std::size_t subscribers = 64;  // NATs behind each NAT of the carrier
};

class Gateways {
 public:
  // Public addresses of NATs, and those between hosts' NATs and a carrier's: both numbered like the NATs.
  static constexpr std::uint32_t first_public = 0x0B000001;  // 11.0.0.1
  static constexpr std::uint32_t first_shared = 0x64400001;  // 100.64.0.1
  static constexpr std::size_t maximum_nats = 4'000'000;     // as many as 100.64.0.0/10 has room for

  explicit Gateways(AddressFamily family = AddressFamily::ipv4) : family_(family) {}

  bool empty() const noexcept { return is_empty_; }

  // The hosts from `first` on are behind NATs, `plan.hosts` of them behind each. They have IPv4 addresses.
  void put_behind_nats(NodeIndex first, std::size_t count, const NatPlan& plan);
  // A firewall lets a packet in only as an answer: from an endpoint to which the host sent something within the
  // lifetime that a NAT's mapping has by default.
  void put_behind_firewall(NodeIndex first, std::size_t count);

  // A packet of a host to an address. Keeps mappings alive, and notes who may answer.
  struct Route {
    NodeIndex destination = no_node;
    Address from;  // its source, as the destination sees it
  };
  // Nothing if it leads to no host: the address is private and elsewhere, or no mapping has this port.
  std::optional<Route> leave(Transport transport, NodeIndex source, Address to, Time now);
  // Whether that packet, when it arrives, is let in as far as this host.
  bool admits(Transport transport, NodeIndex destination, Address from, Address to, Time now) const;

  // Whether the address is that of a NAT.
  bool is_nat(Address address) const noexcept { return nat_at(address) != 0; }
  // Whether a datagram from anybody would be let in as far as this host.
  bool is_open(NodeIndex node, Time now) const;
  // For how long a stream of the host may carry nothing before its gateways forget it.
  Duration stream_lifetime(NodeIndex node) const;

 private:
  using NatNumber = std::uint32_t;  // from 1 on; 0: none
  struct Box {
    Nat nat;
    NatNumber carrier = 0;
  };

  Address own_address(NodeIndex node) const noexcept { return address_of(node, family_); }
  NatNumber nat_of(NodeIndex node) const noexcept { return node < nat_of_host_.size() ? nat_of_host_[node] : 0; }
  NatNumber nat_at(Address address) const noexcept;
  // The NAT inside which the address lies; 0 for a public one.
  NatNumber realm_of(Address address) const noexcept {
    const NatNumber nat = nat_at(address);
    return nat == 0 ? nat_of(node_at(address)) : boxes_[nat - 1].carrier;
  }
  NatNumber add_nat(const NatBehaviour& behaviour, std::uint32_t first_address, NatNumber carrier);
  // From 1 on; 0: none.
  std::uint32_t firewall_of(NodeIndex node) const noexcept {
    return node < firewall_of_host_.size() ? firewall_of_host_[node] : 0;
  }

  AddressFamily family_;
  bool is_empty_ = true;
  std::vector<Box> boxes_;
  std::vector<NatNumber> nat_of_host_;
  std::vector<Permits> firewalls_;
  std::vector<std::uint32_t> firewall_of_host_;
};

}  // namespace peerbed::sim
