#include "adapter/address_book.h"

#include <cstring>

namespace peerbed::adapter {

Address AddressBook::name_of(std::uint32_t place) const noexcept {
  return Address{mark | (std::uint64_t{entries_[place].generation} << 32) | place};
}

Address AddressBook::address_of(const Endpoint& endpoint) {
  if (endpoint.is_ipv4()) return endpoint.address();
  if (const auto known = places_.find(endpoint); known != places_.end()) {
    entries_[known->second].met = true;
    return name_of(known->second);
  }
  const std::uint32_t place = free_place();
  entries_[place].endpoint = endpoint;
  places_.emplace(endpoint, place);
  return name_of(place);
}

Address AddressBook::address_of(const sockaddr_storage& source) {
  if (source.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &source, sizeof in);
    return Address::ipv4(ntohl(in.sin_addr.s_addr), ntohs(in.sin_port));
  }
  const auto endpoint = Endpoint::of(source);
  return endpoint ? address_of(*endpoint) : Address{};
}

// The clock algorithm: the first place whose endpoint was not met since the hand passed it last.
std::uint32_t AddressBook::free_place() {
  if (entries_.size() < maximum_entries) {
    entries_.emplace_back();
    return static_cast<std::uint32_t>(entries_.size() - 1);
  }
  while (entries_[hand_].met) {
    entries_[hand_].met = false;
    hand_ = (hand_ + 1) % maximum_entries;
  }
  const std::uint32_t place = hand_;
  hand_ = (hand_ + 1) % maximum_entries;
  Entry& entry = entries_[place];
  places_.erase(entry.endpoint);
  entry.generation = (entry.generation + 1) & 0x7FFFFFFF;
  entry.met = true;
  return place;
}

std::optional<Endpoint> AddressBook::endpoint_of(Address address) const {
  if ((address.value & mark) == 0) return Endpoint::of(address);
  const auto place = static_cast<std::uint32_t>(address.value);
  if (place >= entries_.size() || name_of(place) != address) return std::nullopt;
  return entries_[place].endpoint;
}

}  // namespace peerbed::adapter
