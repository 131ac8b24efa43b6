#pragma once
// Names for endpoints that do not fit an Address: an IPv6 endpoint gets a number, with the top bit of the value set.
// The numbers mean something on this host alone; a message has no room for them.

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "adapter/endpoint.h"

namespace peerbed::adapter {

class AddressBook {
 public:
  static constexpr std::size_t maximum_entries = 65'536;

  Address address_of(const Endpoint& endpoint);
  Address address_of(const sockaddr_storage& source);
  // Nothing when no endpoint has that name.
  std::optional<Endpoint> endpoint_of(Address address) const;
  std::size_t size() const noexcept { return entries_.size(); }

 private:
  static constexpr std::uint64_t mark = std::uint64_t{1} << 63;

  struct Entry {
    Endpoint endpoint;
    std::uint32_t generation = 0;  // of those that had this place
    bool met = true;               // since the last search for a place
  };
  Address name_of(std::uint32_t place) const noexcept;
  std::uint32_t free_place();

  std::vector<Entry> entries_;
  std::map<Endpoint, std::uint32_t> places_;
  std::uint32_t hand_ = 0;  // of the clock that finds the endpoint to forget
};

}  // namespace peerbed::adapter
