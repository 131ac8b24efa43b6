#pragma once
// A node as its peers know it: its position on the ring and its address, in sixteen bytes.

#include <compare>
#include <tuple>

#include "protocols/environment/address.h"
#include "protocols/ring/base/key.h"

namespace peerbed::ring {

struct Contact {
  Key key;
  Address address;  // nowhere means: nobody

  constexpr explicit operator bool() const noexcept { return static_cast<bool>(address); }
  friend constexpr auto operator<=>(const Contact&, const Contact&) = default;
  auto fields() const { return std::tie(key, address); }

  static constexpr auto members = std::tuple(&Contact::key, &Contact::address);
};
static_assert(sizeof(Contact) == 16);

}  // namespace peerbed::ring
