#pragma once
// A network address translator as RFC 4787 (UDP) and RFC 5382 (TCP) describe its behaviour. It has one address outside,
// and gives the endpoints inside ports of it. It sees endpoints and times, and no packets.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "protocols/environment/address.h"
#include "protocols/environment/time.h"

namespace peerbed::sim {

enum class Transport : std::uint8_t { udp, tcp };

// How much of the remote endpoint decides: nothing, its address, or its address and port (RFC 4787, sections 4.1, 5).
enum class Dependence : std::uint8_t { endpoint_independent, address_dependent, address_and_port_dependent };

struct NatBehaviour {
  Dependence mapping = Dependence::endpoint_independent;          // which packets share a port outside
  Dependence filtering = Dependence::address_and_port_dependent;  // who may answer to that port
  Duration lifetime = std::chrono::minutes(2);                    // of a mapping without packets from inside: UDP, and
  Duration stream_lifetime = std::chrono::hours(2) + std::chrono::minutes(4);  // TCP
  bool hairpin = true;  // whether hosts inside reach one another by their endpoints outside
  friend bool operator==(const NatBehaviour&, const NatBehaviour&) = default;
};

// The remote endpoints to which something was sent lately, as far as they are told apart.
class Permits {
 public:
  void note(Address remote, Dependence dependence, Time until, Time now);
  bool has(Address remote, Dependence dependence, Time now) const;
  std::size_t size() const noexcept { return until_.size(); }

 private:
  std::map<Address, Time> until_;
  std::size_t tidy_at_ = 16;  // entries at which those that are over are removed
};

class Nat {
 public:
  // `outside` is its address; the port does not count.
  Nat(const NatBehaviour& behaviour, Address outside) : behaviour_(behaviour), outside_(outside) {}

  const NatBehaviour& behaviour() const noexcept { return behaviour_; }
  Address outside() const noexcept { return outside_; }
  bool is_at(Address address) const noexcept { return address.with_port(0) == outside_.with_port(0); }
  Duration lifetime(Transport transport) const noexcept {
    return transport == Transport::udp ? behaviour_.lifetime : behaviour_.stream_lifetime;
  }

  // A packet from an endpoint inside to a remote one. Returns its source as seen outside, and keeps the mapping and the
  // permission to answer alive for its lifetime; nothing if no port is free. An endpoint keeps its port number outside
  // if that is free, else the one it has for the other transport.
  std::optional<Address> translate_out(Transport transport, Address inside, Address remote, Time now);
  // A packet from a remote endpoint to this port outside. Returns the endpoint inside; nothing if no mapping has this
  // port or the filter refuses the remote endpoint. Keeps nothing alive.
  std::optional<Address> translate_in(Transport transport, std::uint16_t port, Address remote, Time now) const;
  // The endpoint inside that has this port outside, whoever asks.
  std::optional<Address> owner(Transport transport, std::uint16_t port, Time now) const;
  // A port outside at which anybody reaches this endpoint inside; nothing if there is none.
  std::optional<std::uint16_t> open_port(Transport transport, Address inside, Time now) const;
  std::size_t size(Transport transport) const noexcept { return table(transport).mappings.size(); }

 private:
  using Inside = std::pair<Address, Address>;  // the endpoint, and what its mapping depends on
  struct Mapping {
    Inside inside;
    Time until;
    Permits permits;
  };
  struct Table {
    std::map<Inside, std::uint16_t> ports;
    std::unordered_map<std::uint16_t, Mapping> mappings;  // by port outside
    std::size_t tidy_at = 64;                             // mappings at which those that are over are removed
    std::uint16_t next_port = first_port;
  };
  static constexpr std::uint16_t first_port = 1024;

  Table& table(Transport transport) noexcept { return tables_[static_cast<std::size_t>(transport)]; }
  const Table& table(Transport transport) const noexcept { return tables_[static_cast<std::size_t>(transport)]; }
  static const Mapping* living(const Table& table, std::uint16_t port, Time now);
  static bool is_free(Table& table, std::uint16_t port, Time now);
  static void tidy(Table& table, Time now);
  std::optional<std::uint16_t> choose_port(Transport transport, const Inside& inside, Time now);

  NatBehaviour behaviour_;
  Address outside_;
  std::array<Table, 2> tables_;
};

}  // namespace peerbed::sim
