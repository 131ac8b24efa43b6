#pragma once
// The exhaustive check of the coursework's peers: joins through any peer, deaths, departures and rounds of pings in any
// order, held against the ideal ring.

#include <cstdint>
#include <memory>
#include <span>

#include "scenarios/check/check_plan.h"
#include "scenarios/check/node_check.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// Throws CheckError if the plan names what the coursework does not have.
std::unique_ptr<NodeCheck> coursework_check(std::span<const GroupPlan> groups, std::uint64_t seed,
                                            const CheckPlan& plan);

}  // namespace peerbed::scenarios
