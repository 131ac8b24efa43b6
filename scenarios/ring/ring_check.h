#pragma once
// The exhaustive check of ring nodes: joins through any member, crashes and stabilizations in any order, held against
// Zave's invariant and the ideal ring.

#include <cstdint>
#include <memory>
#include <span>

#include "scenarios/check/check_plan.h"
#include "scenarios/check/node_check.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// Throws CheckError if the plan names what a ring does not have.
std::unique_ptr<NodeCheck> ring_check(std::span<const GroupPlan> groups, std::uint64_t seed, const CheckPlan& plan);

// Whether each process of these steps that joins through a contact knows that one alone in a run of the groups with
// this seed.
bool joins_through(std::span<const GroupPlan> groups, std::uint64_t seed, std::span<const CheckStep> steps);

}  // namespace peerbed::scenarios
