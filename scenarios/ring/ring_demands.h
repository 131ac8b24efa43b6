#pragma once
// What can be demanded of a ring in any of its states, whatever happened before: the two parts of Zave's invariant, and
// that it is ideal. A run promises them only where they can be kept (scenarios/ring/ring_promises.h); a scenario that
// demands them means what it says.

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/protocol/protocol.h"
#include "scenarios/ring/ring_members.h"

namespace peerbed::scenarios {

struct RingDemand {
  std::string_view property;
  // What is wrong; empty if nothing is. `list_length` is that of each member's successor list.
  std::string (*flaw)(const RingMembers& members, std::size_t list_length);
};

inline constexpr std::size_t invariant_demands = 2;  // the first ones, of Zave's invariant

extern const std::array<RingDemand, 3> ring_demands;

std::vector<std::string> names_of(std::span<const RingDemand> demands);
// Reports those that the scenario demands now.
void check_demands(const RingMembers& members, std::size_t list_length, CheckReport& report);

}  // namespace peerbed::scenarios
