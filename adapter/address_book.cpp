#include "adapter/address_book.h"

namespace peerbed::adapter {

Address AddressBook::address_of(const Endpoint& endpoint) {
  if (endpoint.is_ipv4()) return endpoint.address();
  const auto known = places_.find(endpoint);
  if (known != places_.end()) return Address{mark | known->second};
  if (entries_.size() >= maximum_entries) return {};
  places_.emplace(endpoint, entries_.size());
  entries_.push_back(endpoint);
  return Address{mark | (entries_.size() - 1)};
}

Address AddressBook::address_of(const sockaddr_storage& source) {
  const auto endpoint = Endpoint::of(source);
  return endpoint ? address_of(*endpoint) : Address{};
}

std::optional<Endpoint> AddressBook::endpoint_of(Address address) const noexcept {
  if ((address.value & mark) == 0) return Endpoint::of(address);
  const std::uint64_t place = address.value & ~mark;
  if (place >= entries_.size()) return std::nullopt;
  return entries_[place];
}

}  // namespace peerbed::adapter
