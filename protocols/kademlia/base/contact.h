#pragma once
// A node as its peers know it: its identifier and its address.

#include <tuple>

#include "protocols/environment/address.h"
#include "protocols/kademlia/base/id.h"

namespace peerbed::kademlia {

struct Contact {
  Id id{};
  Address address{};

  static constexpr auto members = std::tuple(&Contact::id, &Contact::address);
  friend constexpr auto operator<=>(const Contact&, const Contact&) = default;
  auto fields() const { return std::tie(id, address); }
};

}  // namespace peerbed::kademlia
