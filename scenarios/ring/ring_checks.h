#pragma once
// The properties of a ring, as checks that run during any scenario. Every look checks the inductive invariant of Zave
// 2017 and the survival of acknowledged values; a settled ring is also checked for order, completeness and the
// placement of values. A property is checked only where it is promised (scenarios/ring/ring_promises.h).

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "scenarios/protocol/protocol.h"
#include "scenarios/ring/ring_members.h"
#include "scenarios/ring/ring_promises.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_acknowledged_values = 1'000'000;  // that are watched; later ones are not

// Values whose storage was acknowledged to the asker, and the newest state of each.
using AcknowledgedValues = std::map<ring::Key, ring::ValueState>;

// The two parts of Zave's invariant, at every look at which they are promised.
void check_live_successors(const RingMembers& members, const RingPromises& promises, CheckReport& report);
void check_principals(const RingMembers& members, const RingPromises& promises, CheckReport& report);
// Those that are promised of a ring that has settled.
void check_membership(const RingMembers& members, const RingHistory& history, CheckReport& report);
// The same for the running nodes of any overlay that have not joined, beside so many members.
void check_outsiders(std::span<const NodeIndex> outsiders, std::size_t members, const RingHistory& history,
                     CheckReport& report);
void check_ring_order(const RingMembers& members, CheckReport& report);
void check_successor_lists(const RingMembers& members, std::size_t list_length, CheckReport& report);
void check_values_survive(const RingMembers& members, const AcknowledgedValues& values, CheckReport& report);
// Acknowledged values that no member holds any more, or only in an older state.
std::vector<ring::Key> lost_values(const RingMembers& members, const AcknowledgedValues& values);
void check_placement(const RingMembers& members, const AcknowledgedValues& values, std::size_t replicas,
                     CheckReport& report);

}  // namespace peerbed::scenarios
