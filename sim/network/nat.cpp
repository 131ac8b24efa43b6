#include "sim/network/nat.h"

#include <algorithm>

namespace peerbed::sim {

namespace {

// What of a remote endpoint decides.
Address part_of(Address remote, Dependence dependence) noexcept {
  switch (dependence) {
    case Dependence::endpoint_independent:
      return {};
    case Dependence::address_dependent:
      return remote.with_port(0);
    case Dependence::address_and_port_dependent:
      break;
  }
  return remote;
}

}  // namespace

void Permits::note(Address remote, Dependence dependence, Time until, Time now) {
  if (dependence == Dependence::endpoint_independent) return;
  until_[part_of(remote, dependence)] = until;
  if (until_.size() < tidy_at_) return;
  std::erase_if(until_, [now](const auto& entry) { return entry.second <= now; });
  tidy_at_ = std::max<std::size_t>(16, 2 * until_.size());
}

bool Permits::has(Address remote, Dependence dependence, Time now) const {
  if (dependence == Dependence::endpoint_independent) return true;
  const auto found = until_.find(part_of(remote, dependence));
  return found != until_.end() && found->second > now;
}

const Nat::Mapping* Nat::living(const Table& table, std::uint16_t port, Time now) {
  const auto found = table.mappings.find(port);
  return found != table.mappings.end() && found->second.until > now ? &found->second : nullptr;
}

// Whether a port has no mapping, or one that is over and is forgotten.
bool Nat::is_free(Table& table, std::uint16_t port, Time now) {
  const auto found = table.mappings.find(port);
  if (found == table.mappings.end()) return true;
  if (found->second.until > now) return false;
  table.ports.erase(found->second.inside);
  table.mappings.erase(found);
  return true;
}

void Nat::tidy(Table& table, Time now) {
  std::erase_if(table.ports, [&](const auto& entry) { return living(table, entry.second, now) == nullptr; });
  std::erase_if(table.mappings, [now](const auto& entry) { return entry.second.until <= now; });
  table.tidy_at = std::max<std::size_t>(64, 2 * table.mappings.size());
}

std::optional<std::uint16_t> Nat::choose_port(Transport transport, const Inside& inside, Time now) {
  Table& own = table(transport);
  if (is_free(own, inside.first.port(), now)) return inside.first.port();
  const Table& other = table(transport == Transport::udp ? Transport::tcp : Transport::udp);
  if (const auto found = other.ports.find(inside); found != other.ports.end() && is_free(own, found->second, now))
    return found->second;
  for (std::uint32_t tried = first_port; tried <= UINT16_MAX; ++tried) {
    const std::uint16_t port = own.next_port;
    own.next_port = port == UINT16_MAX ? first_port : static_cast<std::uint16_t>(port + 1);
    if (is_free(own, port, now)) return port;
  }
  return std::nullopt;
}

std::optional<Address> Nat::translate_out(Transport transport, Address inside, Address remote, Time now) {
  Table& own = table(transport);
  const Time until = now + lifetime(transport);
  const Inside key{inside, part_of(remote, behaviour_.mapping)};
  auto port = own.ports.find(key);
  if (port != own.ports.end() && living(own, port->second, now) == nullptr) {
    own.mappings.erase(port->second);
    own.ports.erase(port);
    port = own.ports.end();
  }
  if (port == own.ports.end()) {
    if (own.mappings.size() >= own.tidy_at) tidy(own, now);
    const auto chosen = choose_port(transport, key, now);
    if (!chosen) return std::nullopt;
    port = own.ports.emplace(key, *chosen).first;
    own.mappings[*chosen].inside = key;
  }
  Mapping& mapping = own.mappings[port->second];
  mapping.until = until;
  mapping.permits.note(remote, behaviour_.filtering, until, now);
  return outside_.with_port(port->second);
}

std::optional<Address> Nat::translate_in(Transport transport, std::uint16_t port, Address remote, Time now) const {
  const Mapping* mapping = living(table(transport), port, now);
  if (mapping == nullptr || !mapping->permits.has(remote, behaviour_.filtering, now)) return std::nullopt;
  return mapping->inside.first;
}

std::optional<Address> Nat::owner(Transport transport, std::uint16_t port, Time now) const {
  const Mapping* mapping = living(table(transport), port, now);
  return mapping == nullptr ? std::nullopt : std::optional(mapping->inside.first);
}

std::optional<std::uint16_t> Nat::open_port(Transport transport, Address inside, Time now) const {
  if (behaviour_.filtering != Dependence::endpoint_independent) return std::nullopt;
  const Table& own = table(transport);
  for (auto each = own.ports.lower_bound({inside, {}}); each != own.ports.end() && each->first.first == inside; ++each)
    if (living(own, each->second, now) != nullptr) return each->second;
  return std::nullopt;
}

}  // namespace peerbed::sim
